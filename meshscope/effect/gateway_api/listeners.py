"""Listeners of Gateways and ListenerSets, each as a Gateway with one server: so istiod binds routes to one of them.

https://gateway-api.sigs.k8s.io/reference/spec/#gateway, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/gateway_collection.go).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.gateway_api.classes import Role, Served, served
from meshscope.effect.gateway_api.listener_conflicts import conflicts
from meshscope.effect.gateway_api.listener_tls import Refusal, server_tls
from meshscope.effect.gateway_api.names import gateway_name
from meshscope.effect.gateway_api.namespaces import ALL, NONE, allowed
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.generated import GATEWAY_SERVICE, PARENTS, Generated, Origin, generated_object
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.gateway import Gateway
from meshscope.istio.gateway_api.listener import Listener
from meshscope.istio.gateway_api.listener_set import ListenerSet
from meshscope.istio.gateway_api.references import GROUP
from meshscope.istio.manifest import Object
from meshscope.istio.objects import gateway as istio
from meshscope.path import Path

HBONE_PORT = 15008
_DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443}
_HTTP = ("HTTPRoute", "GRPCRoute")
_KINDS = {"HTTP": _HTTP, "HTTPS": _HTTP, "TCP": ("TCPRoute",), "TLS": ("TLSRoute",)}
_SEMANTICS, _ACCOUNT = "internal.istio.io/gateway-semantics", "internal.istio.io/service-account-name"
_ACCOUNT_OVERRIDE = "gateway.istio.io/service-account"
_PARENT_NAMESPACE = "internal.istio.io/parent-namespace"


class Attachable(Struct, frozen=True, eq=False):
    """A listener that routes may attach to. `gateway` is the Gateway that runs it, `made` what istiod makes of it, or would;
    `refusal` says why it makes nothing.
    """

    owner: Object
    gateway: Written[Gateway]
    index: int
    listener: Listener
    made: Generated[istio.Gateway]
    refusal: Refusal = Refusal()

    @property
    def problem(self) -> str:
        return self.refusal.because

    @property
    def name(self) -> str:
        """As routes name the Gateway that is made of it."""
        return f"{self.made.namespace}/{self.made.item.name}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """`namespace/host`, as a server has them."""
        return self.made.value.spec.servers[0].hosts

    def __str__(self) -> str:
        return f"listener {self.listener.name} of {self.owner}"

    def takes(self, kind: str) -> bool:
        """Whether it takes routes of that kind of the Gateway API."""
        fitting = _KINDS.get(self.listener.protocol, ())
        if self.listener.protocol == "TLS" and self.listener.tls and self.listener.tls.mode == "Terminate":
            fitting = (*fitting, "TCPRoute")
        asked = self.listener.allowed_routes.kinds
        return kind in fitting and (not asked or any((one.group, one.kind) == (GROUP, kind) for one in asked))


def attachable(sources: Sources) -> tuple[Attachable, ...]:
    """All listeners that istiod reads: the Gateways' in the order of their age, each followed by its ListenerSets'."""
    found: list[Attachable] = []
    for gateway in sources.gateways:
        role = served(sources, gateway)
        if role.problem or role.role is Role.WAYPOINT:
            continue
        found += _marked(sources, tuple(_of_gateway(sources, gateway, role)))
    return tuple(found)


def set_problem(sources: Sources, one: Written[ListenerSet]) -> str:
    """Why a ListenerSet gives its Gateway nothing, "" where it does."""
    ref = one.value.spec.parent_ref
    if (ref.group, ref.kind) != (GROUP, "Gateway"):
        return f"its parentRef is a {ref.kind}, and it can only belong to a Gateway"
    namespace = ref.namespace or one.namespace
    gateway = sources.gateway(namespace, ref.name)
    if gateway is None:
        return f"Gateway {namespace}/{ref.name} does not exist"
    role = served(sources, gateway)
    if role.problem:
        return f"{gateway} has no configuration: {role.problem}"
    if role.role is not Role.GATEWAY:
        return f"class {gateway.value.spec.gateway_class_name} of {gateway} takes no ListenerSets"
    wanted = gateway.value.spec.allowed_listeners
    names = allowed(sources, wanted.namespaces, gateway.namespace) if wanted else ()
    if ALL not in names and one.namespace not in names:
        return f"{gateway} takes no ListenerSets of namespace {one.namespace} (allowedListeners)"
    return ""


def sets_of(sources: Sources, gateway: Written[Gateway]) -> Iterator[Written[ListenerSet]]:
    """Those that belong to a Gateway, oldest first."""
    found = sources.listener_sets_by_parent.get((gateway.namespace, gateway.item.name), ())
    return (one for one in found if not set_problem(sources, one))


def _of_gateway(sources: Sources, gateway: Written[Gateway], role: Served) -> Iterator[Attachable]:
    for index, listener in enumerate(gateway.value.spec.listeners):
        if listener.protocol != "HBONE" or listener.port != HBONE_PORT or role.role is Role.GATEWAY:
            yield _attachable(sources, gateway.item, gateway, index, listener, role)
    if role.role is Role.GATEWAY:
        for one in sets_of(sources, gateway):
            for index, listener in enumerate(one.value.spec.listeners):
                port = listener.port or _DEFAULT_PORTS.get(listener.protocol, 0)
                yield _attachable(sources, one.item, gateway, index, replace(listener, port=port), role)


def _attachable(  # noqa: PLR0913, PLR0917  # a listener and what it is of
    sources: Sources, owner: Object, gateway: Written[Gateway], index: int, listener: Listener, role: Served
) -> Attachable:
    tls, refusal = server_tls(sources, owner, gateway.value.spec, listener)
    if because := _unsupported(listener):
        refusal = Refusal(because)
    namespace = owner.namespace or "default"
    names = allowed(sources, listener.allowed_routes.namespaces, namespace) or (NONE,)
    server = istio.Server(
        port=istio.Port(number=listener.port, protocol=listener.protocol, name="default"),
        hosts=tuple(f"{name}/{listener.hostname or '*'}" for name in names),
        tls=tls,
    )
    item = generated_object(
        "Gateway",
        gateway_name(sources.is_since, owner.name, listener.name),
        owner,
        sources.ages.of(owner),
        _annotations(owner, gateway, listener, role),
    )
    origins: dict[Path, Origin] = {("spec", "servers", 0): Origin(owner, ("spec", "listeners", index))}
    made = Generated(item, istio.Gateway(spec=istio.GatewaySpec(servers=(server,))), origins)
    return Attachable(owner, gateway, index, listener, made, refusal)


def _annotations(owner: Object, gateway: Written[Gateway], listener: Listener, role: Served) -> dict[str, str]:
    managed = role.services[0].partition(".")[0] if role.is_managed else ""
    found = {
        _SEMANTICS: "gateway",
        GATEWAY_SERVICE: ",".join(role.services),
        PARENTS: f"{owner.kind}/{owner.name}/{listener.name}.{owner.namespace or 'default'}",
        _ACCOUNT: gateway.item.annotations.get(_ACCOUNT_OVERRIDE) or managed,
    }
    return found if owner is gateway.item else {**found, _PARENT_NAMESPACE: gateway.namespace}


def _unsupported(listener: Listener) -> str:
    if listener.protocol == "HBONE":
        return "protocol HBONE is for waypoints alone"
    if listener.protocol in _KINDS:
        return "" if listener.port else f"protocol {listener.protocol} needs a port"
    hint = f"; its name is {listener.protocol.upper()}" if listener.protocol.upper() in _KINDS else ""
    return f"istiod knows no protocol {listener.protocol or '(none)'}{hint}"


def _marked(sources: Sources, found: tuple[Attachable, ...]) -> Iterator[Attachable]:
    """With the conflicts between them, which istiod looks for since its line after 1.31; before, its Gateways lose them."""
    if not sources.is_since(1, 32):
        yield from found
        return
    winners = conflicts((str(one), one.listener) for one in found)
    for one, winner in zip(found, winners, strict=True):
        is_lost = winner and not one.problem
        yield replace(one, refusal=Refusal(f"{winner} has its port and host")) if is_lost else one
