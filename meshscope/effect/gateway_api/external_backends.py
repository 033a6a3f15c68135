"""XBackends as services: the ServiceEntry that istiod makes of each, and the DestinationRule of its TLS.

https://github.com/istio/istio/pull/61012 (pilot/pkg/serviceregistry/serviceentry/gateway.go and
pilot/pkg/config/kube/gateway/backend_policies.go)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.effect.ages import NO_AGE
from meshscope.effect.gateway_api.credentials import credential, names_of
from meshscope.effect.gateway_api.names import MARK
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.generated import PARENTS, Generated, Origin, generated_object
from meshscope.effect.services import EXTERNAL, MeshService, Port
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.backend_tls_policy import BackendTLSPolicyValidation
from meshscope.istio.gateway_api.x_backend import XBackend
from meshscope.istio.hosts import CLUSTER_DOMAIN
from meshscope.istio.objects.destination import PortSelector
from meshscope.istio.objects.destination_rule import DestinationRule, DestinationRuleSpec
from meshscope.istio.objects.traffic_policy import ClientTLSSettings, PortTrafficPolicy, TrafficPolicy
from meshscope.istio.protocol import Protocol, protocol_of
from meshscope.path import Path

TLS: Path = ("spec", "tls")
_PROTOCOLS = {"HTTP": "HTTP", "HTTP11": "HTTP", "HTTP2": "HTTP2", "H2C": "HTTP2", "GRPC": "GRPC"}
_NO_TLS, _OWN = ("", "None"), f".{CLUSTER_DOMAIN}"


def services(backends: Iterable[Written[XBackend]]) -> Iterator[MeshService]:
    """Any other protocol is TCP."""
    for one in backends:
        if host_problem(one.value):
            continue
        number, name = one.value.spec.port.port, _PROTOCOLS.get(one.value.spec.protocol, "TCP")
        known = protocol_of(number, "", name)
        port = Port(number, name, Protocol(known.name, known.family, f"its protocol is {name}"))
        yield MeshService(
            host=hostname(one.value),
            name=one.item.name,
            namespace=one.namespace,
            registry=EXTERNAL,
            ports=(port,),
            resolution="DNS",
            is_external=True,
            kind=one.item.kind,
            created=one.item.created_at,
            location=one.item.location,
        )


def hostname(value: XBackend) -> str:
    return value.spec.external_hostname.hostname if value.spec.external_hostname else ""


def host_problem(value: XBackend) -> str:
    """Why it is not known whether istiod takes it at all: a host of the cluster itself is not one outside of it."""
    host = hostname(value)
    return f"what istiod makes of an XBackend for {host} is not modelled" if host.endswith(_OWN) else ""


def tls_problem(value: XBackend) -> str:
    """Why istiod does not take its TLS, so that what becomes of it is not known; "" where it does."""
    tls = value.spec.tls
    if tls is None or tls.mode in (*_NO_TLS, "ServerOnly"):
        return ""
    return f"istiod takes no XBackend of TLS mode {tls.mode}, and what it makes of the routes to it is not modelled"


def destination_rules(sources: Sources) -> Iterator[Generated[DestinationRule]]:
    """Of those with TLS: for the one port."""
    for one in sources.backends:
        tls = one.value.spec.tls
        if tls is None or tls.mode in _NO_TLS or host_problem(one.value) or tls_problem(one.value):
            continue
        host, validation = hostname(one.value), tls.validation or BackendTLSPolicyValidation()
        settings = ClientTLSSettings(
            mode="SIMPLE",
            credential_name=credential(sources, validation, one.namespace)[0],
            sni=validation.hostname or host,
            subject_alt_names=names_of(validation),
        )
        level = PortTrafficPolicy(port=PortSelector(number=one.value.spec.port.port), tls=settings)
        spec = DestinationRuleSpec(host=host, traffic_policy=TrafficPolicy(port_level_settings=(level,)))
        named = {PARENTS: f"{one.item.kind}/{one.namespace}.{one.item.name}"}
        name = f"{one.item.name}~{host.replace('.', '-')}~{MARK}"
        item = generated_object("DestinationRule", name, one.item, NO_AGE, named)
        at: Path = ("spec", "trafficPolicy", "portLevelSettings", 0)
        yield Generated(item, DestinationRule(spec=spec), {at: Origin(one.item, TLS)})
