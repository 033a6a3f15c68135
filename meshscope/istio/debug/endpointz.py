"""istiod's /debug/endpointz in its old form, before it became endpointShardz: an array of `{svc, ep}`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw, Struct, field
from msgspec.structs import replace

from meshscope.istio.debug.shards import RegisteredEndpoint, WireEndpoint, registered_endpoint
from meshscope.istio.decoding import decode_rows, decode_slices
from meshscope.istio.labels import Labels
from meshscope.istio.raw_json import is_empty
from meshscope.snapshot.snapshot import Problem


class _Port(Struct, frozen=True):
    name: str = ""


class _OldEndpoint(WireEndpoint, frozen=True, rename="pascal"):
    """The endpoint of `{endpoint, service, …}`, with field names of Istio 1.4."""

    port: int = 0
    service_port: _Port = _Port()


class _Attributes(Struct, frozen=True, rename="pascal"):
    service_registry: str = ""
    namespace: str = ""


class _Service(Struct, frozen=True):
    hostname: str
    attributes: _Attributes = field(default=_Attributes(), name="Attributes")


class _Instance(Struct, frozen=True, rename="camel"):
    endpoint: _OldEndpoint
    service: _Service
    labels: Labels = Labels()
    service_account: str = field(default="", name="serviceaccount")
    tls_mode: str = ""


class _Instances(Struct, frozen=True):
    ep: tuple[Raw, ...] = ()


def read_endpointz(body: Raw, document: str) -> tuple[tuple[RegisteredEndpoint, ...], tuple[Problem, ...]]:
    """Every endpoint of every port of a service; a workload behind two ports is there twice."""
    services, problems = decode_rows(body, _Instances, document)
    instances, instance_problems = decode_slices(_instances(services), _Instance, document)
    return tuple(_registered_endpoint(instance) for instance in instances), problems + instance_problems


def _instances(services: tuple[_Instances, ...]) -> Iterator[tuple[str, Raw]]:
    for index, service in enumerate(services):
        for place, raw in enumerate(service.ep):
            if not is_empty(raw):
                yield f"[{index}].ep[{place}]", raw


def _registered_endpoint(instance: _Instance) -> RegisteredEndpoint:
    old, service = instance.endpoint, instance.service
    endpoint = replace(
        old,
        endpoint_port=old.endpoint_port or old.port,
        service_port_name=old.service_port_name or old.service_port.name,
        labels=old.labels or instance.labels,
        tls_mode=old.tls_mode or instance.tls_mode,
        service_account=old.service_account or instance.service_account,
    )
    attributes = service.attributes
    return registered_endpoint(service.hostname, attributes.namespace, attributes.service_registry, "", endpoint)
