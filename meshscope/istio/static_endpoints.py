"""Endpoints that Istio's validation refuses of a ServiceEntry of resolution STATIC, which has addresses and no names.

https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution and
https://github.com/istio/istio/blob/master/pkg/config/validation/validation.go (ValidateServiceEntry)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meshscope.istio.hosts import is_address
from meshscope.path import Path

if TYPE_CHECKING:
    from meshscope.istio.objects.service_entry import ServiceEntrySpec

_SOCKET = "unix://"


def refused_endpoints(spec: ServiceEntrySpec) -> Iterator[tuple[Path, str]]:
    """The path in the object of each address that is none, and why; one that is left out stands for the endpoint's network."""
    if spec.resolution != "STATIC":
        return
    for index, endpoint in enumerate(spec.endpoints):
        if endpoint.address and not endpoint.address.startswith(_SOCKET) and not is_address(endpoint.address):
            why = f"{endpoint.address} is no IP address, which resolution STATIC asks for"
            yield ("spec", "endpoints", index, "address"), why
