"""Which endpoints of a ServiceEntry Istio refuses."""

from __future__ import annotations

import pytest

from meshscope.istio.objects.service_entry import ServiceEntrySpec
from meshscope.istio.objects.workload import WorkloadEntrySpec
from meshscope.istio.static_endpoints import refused_endpoints


@pytest.mark.parametrize("address", ["db.example", "10.0.0", "10.0.0.1:80", "*.example", "010.0.0.1"])
def test_names_are_no_addresses(address: str) -> None:
    endpoints = (WorkloadEntrySpec(address="10.0.0.1"), WorkloadEntrySpec(address=address))
    ((path, why),) = refused_endpoints(ServiceEntrySpec(resolution="STATIC", endpoints=endpoints))
    assert path == ("spec", "endpoints", 1, "address")
    assert why == f"{address} is no IP address, which resolution STATIC asks for"


@pytest.mark.parametrize("address", ["10.0.0.1", "2001:db8::1", "unix:///run/a.sock", ""])
def test_addresses_and_sockets_are_taken(address: str) -> None:
    spec = ServiceEntrySpec(resolution="STATIC", endpoints=(WorkloadEntrySpec(address=address),))
    assert not list(refused_endpoints(spec))


@pytest.mark.parametrize("resolution", ["DNS", "NONE", "DNS_ROUND_ROBIN"])
def test_other_resolutions_may_have_names(resolution: str) -> None:
    spec = ServiceEntrySpec(resolution=resolution, endpoints=(WorkloadEntrySpec(address="db.example"),))
    assert not list(refused_endpoints(spec))
