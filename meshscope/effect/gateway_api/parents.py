"""What a route is attached to: listeners of Gateways, or services of the mesh.

https://gateway-api.sigs.k8s.io/reference/spec/#parentreference ; what istiod asks, in its order
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, referenceAllowed).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from meshscope.effect.gateway_api.classes import Role, served
from meshscope.effect.gateway_api.listeners import Attachable
from meshscope.effect.gateway_api.namespaces import ALL, NONE, is_unknown
from meshscope.effect.gateway_api.sources import Route, Sources
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.references import EXPERIMENTAL, GROUP, ParentReference
from meshscope.istio.gateway_api.tcp_route import TCPRoute
from meshscope.istio.hosts import full_host, is_within, overlap

MESH = "mesh"
_NAMESPACE = 3
"""Of the steps that a route has to pass, the one that asks for its namespace."""
_ISTIO = "networking.istio.io"
_LISTENER_OWNERS = {("Gateway", GROUP), ("ListenerSet", GROUP), ("XListenerSet", EXPERIMENTAL)}


ByOwner = Mapping[tuple[str, str, str], Sequence[Attachable]]
"""Listeners by kind, namespace and name of the object that has them."""


class Parent(Struct, frozen=True, eq=False):
    """`index` is that of the reference. `listener` is None for the mesh, whose parent is `hosts`. `rivals` are the hosts of
    the other listeners of the same port and protocol.
    """

    index: int
    reference: ParentReference
    listener: Attachable | None = None
    hosts: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As a VirtualService names it."""
        return self.listener.name if self.listener else MESH

    def takes_host(self, host: str) -> bool:
        """Whether a host of the route is not that of another listener alone, which is closer to it."""
        own = self.listener.listener.hostname if self.listener else ""
        if own and not own.startswith("*"):
            return True
        if own and not overlap(host, own):
            return False
        return not any(len(own) <= len(rival) and is_within(host, rival) for rival in self.rivals)


class Refused(Struct, frozen=True):
    """A reference that attaches to nothing; `is_known` is False where the input leaves that open."""

    index: int
    because: str
    is_known: bool = True


def hostnames(route: Route) -> tuple[str, ...]:
    """Those that listeners are asked for; none is any."""
    return () if isinstance(route, TCPRoute) else route.spec.hostnames


def parents(sources: Sources, listeners: ByOwner, route: Written[Route]) -> tuple[Parent | Refused, ...]:
    """In the order in which istiod takes them."""
    found = [
        one
        for index, reference in enumerate(route.value.spec.parent_refs)
        for one in _of_reference(sources, listeners, route, index, reference)
    ]
    return tuple(sorted(found, key=lambda one: ("", "") if isinstance(one, Refused) else (one.name, _text(one, route))))


def _text(one: Parent, route: Written[Route]) -> str:
    ref = one.reference
    namespace = ref.namespace or route.namespace
    return f"{ref.group}/{ref.kind}/{ref.name}/{ref.section_name}/{ref.port or 0}.{namespace}"


def _of_reference(
    sources: Sources, listeners: ByOwner, route: Written[Route], index: int, ref: ParentReference
) -> Iterator[Parent | Refused]:
    namespace = ref.namespace or route.namespace
    if (ref.kind, ref.group) in (("Service", ""), ("Service", "core")):
        yield Parent(index, ref, hosts=(full_host(ref.name, namespace),))
    elif (ref.kind, ref.group) == ("ServiceEntry", _ISTIO):
        hosts = sources.service_entry_hosts(namespace, ref.name)
        missing = Refused(index, f"ServiceEntry {namespace}/{ref.name} does not exist")
        yield Parent(index, ref, hosts=hosts) if hosts else missing
    elif (ref.kind, ref.group) in _LISTENER_OWNERS:
        yield from _of_listeners(sources, listeners, route, index, ref)
    else:
        hint = ' (its group is "")' if ref.kind == "Service" else ""
        yield Refused(index, f"istiod knows no parent of kind {ref.kind} in group {ref.group or '(core)'}{hint}")


def _of_listeners(
    sources: Sources, listeners: ByOwner, route: Written[Route], index: int, ref: ParentReference
) -> Iterator[Parent | Refused]:
    namespace = ref.namespace or route.namespace
    known = listeners.get((ref.kind, namespace, ref.name), ())
    if not known:
        yield _without_listeners(sources, index, ref, namespace)
        return
    refused = []
    for one in known:
        step, because, is_known = _refusal(sources, one, route, ref)
        if because:
            refused.append((step, Refused(index, because, is_known)))
        else:
            rivals = tuple(
                other.listener.hostname
                for other in known
                if other is not one
                and (other.listener.port, other.listener.protocol) == (one.listener.port, one.listener.protocol)
                and other.listener.hostname != one.listener.hostname
            )
            yield Parent(index, ref, one, rivals=rivals if sources.is_since(1, 22) else ())
    if len(refused) == len(known):
        yield max(refused, key=lambda each: each[0])[1]


def _without_listeners(sources: Sources, index: int, ref: ParentReference, namespace: str) -> Refused:
    name = f"{ref.kind} {namespace}/{ref.name}"
    if sources.named(ref.kind, ref.group, namespace, ref.name) is None:
        return Refused(index, f"{name} does not exist")
    gateway = sources.gateway(namespace, ref.name)
    if ref.kind != "Gateway" or gateway is None:
        return Refused(index, f"{name} gives its Gateway no listeners")
    role = served(sources, gateway)
    if role.role is Role.WAYPOINT:
        return Refused(index, f"{name} is a waypoint: routes belong to the Services behind it")
    because = f"{name} has no configuration: {role.problem}" if role.problem else f"{name} has no listeners"
    return Refused(index, because, is_known=role.role is not None)


def _refusal(sources: Sources, one: Attachable, route: Written[Route], ref: ParentReference) -> tuple[int, str, bool]:
    """How far the route came, why a listener does not take it ("" where it does), and whether that is known."""
    listener = one.listener
    asked = hostnames(route.value) or ("*",)
    pairs = [host.partition("/") for host in one.hosts]
    fitting = [place for place, _, pattern in pairs if any(overlap(pattern, host) for host in asked)]
    steps = (
        (ref.port in (None, 0, listener.port), f"no listener of {one.owner} has port {ref.port}"),
        (ref.section_name in ("", listener.name), f"{one.owner} has no listener {ref.section_name}"),
        (bool(fitting), f"{one} is for {listener.hostname}, which none of {', '.join(asked)} is in"),
        (any(place in (ALL, route.namespace) for place in fitting), _why_not_from(one, route.namespace, fitting)),
        (one.takes(route.item.kind), f"{one}, whose protocol is {listener.protocol}, takes no {route.item.kind}"),
    )
    step = next((number for number, (holds, _) in enumerate(steps) if not holds), None)
    if step is None:
        return len(steps), "", True
    if step == _NAMESPACE and is_unknown(sources, listener.allowed_routes.namespaces, route.namespace):
        because = f"{one} selects namespaces by labels; those of {route.namespace} are not in this input"
        return step, because, False
    return step, steps[step][1], True


def _why_not_from(one: Attachable, namespace: str, fitting: Sequence[str]) -> str:
    whose = "of no namespace" if list(fitting) == [NONE] else f"of {', '.join(fitting)} alone"
    return f"{one} takes routes {whose}, not of {namespace} (allowedRoutes)"
