"""VirtualService: each `http` rule and match against the routes of each proxy.

https://istio.io/latest/docs/reference/config/networking/virtual-service/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import Made, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_selection import why_not_selected
from meshscope.effect.http_routes.at_place import outcomes_at
from meshscope.effect.http_routes.delegates import FindDelegate, Rule, rules_of
from meshscope.effect.http_routes.expected import expected_routes
from meshscope.effect.http_routes.gateway_places import gateway_places
from meshscope.effect.http_routes.leftovers import leftover_routes
from meshscope.effect.http_routes.places import Excluded, Place, gateways_of, hosts_of, mesh_places
from meshscope.effect.http_routes.waypoint_places import waypoint_places
from meshscope.effect.l4_routes.at_place import l4_outcomes_at
from meshscope.effect.l4_routes.places import TCP, TLS, L4Place, gateway_l4_places, mesh_l4_places
from meshscope.effect.outcome import Outcome
from meshscope.effect.static_conditions import MESH
from meshscope.effect.written import Written
from meshscope.istio.export_to import reach
from meshscope.istio.objects.virtual_service import TCPRoute, TLSRoute, VirtualService
from meshscope.path import Path

KIND = "VirtualService"
KINDS = ("http", "tls", "tcp")


def rules(value: VirtualService) -> Iterator[Path]:
    for kind in KINDS:
        yield from (("spec", kind, index) for index in range(len(getattr(value.spec, kind))))


def outcomes(configuration: Configuration, one: Written[VirtualService], client: Client) -> Iterator[Outcome]:
    """One for each match at each place of the proxy; those of a whole rule or of all where they have the same reason."""
    spec = one.value.spec
    if not spec.hosts:
        yield from _of_delegate(configuration, one, client)
        return
    to = spec.export_to or configuration.virtual_service_export_to
    if reach(to, one.namespace, client.namespace) is None:
        because = f"it is exported to {', '.join(to)}, not to namespace {client.namespace}"
        yield from _everywhere(one, State.NOT_IN_EFFECT, because, is_meant=False)
        return
    written = tuple(rules_of(one.value, one.namespace, delegates_of(configuration, one.namespace)))
    beside: dict[Path, tuple[Made, ...]] = {}
    for path, made in leftover_routes(configuration, client, one, written):
        beside[path] = (*beside.get(path, ()), made)
    for outcome in _of_places(configuration, one, client, written):
        more = beside.get(outcome.path, ())
        yield replace(outcome, more=(*outcome.more, *more)) if more and outcome.is_meant else outcome


def _of_places(
    configuration: Configuration, one: Written[VirtualService], client: Client, written: tuple[Rule, ...]
) -> Iterator[Outcome]:
    is_bound = False
    for place in http_places(configuration, one, client):
        if not isinstance(place, Excluded):
            expected = tuple(expected_routes(configuration, client, place, written, one))
            yield from outcomes_at(configuration, client, place, one, expected)
            is_bound = True
        elif not place.is_known:
            yield from _everywhere(one, State.UNKNOWN, place.because)
        elif place.is_meant:
            yield from _everywhere(one, State.NOT_IN_EFFECT, place.because, kinds=("http",))
            is_bound = True
        else:
            yield from _everywhere(one, State.NOT_IN_EFFECT, place.because, is_meant=False)
    if is_bound:
        for kind in (TLS, TCP):
            yield from _of_l4(configuration, one, client, kind)


def _of_l4(configuration: Configuration, one: Written[VirtualService], client: Client, kind: str) -> Iterator[Outcome]:
    """Of the `tls` or `tcp` rules, where there are any."""
    written: tuple[TLSRoute | TCPRoute, ...] = getattr(one.value.spec, kind)
    if not written:
        return
    if client.kind == "waypoint":
        yield from _everywhere(one, State.UNKNOWN, f"{kind} rules at a waypoint are not modelled", kinds=(kind,))
        return
    places: list[L4Place] = []
    reasons: list[str] = []
    if client.kind == "sidecar":
        for place in mesh_l4_places(configuration, client, hosts_of(one), kind):
            (reasons if isinstance(place, str) else places).append(place)  # type: ignore[arg-type]  # by its type
    for gateway in configuration.gateways if client.kind == "gateway" else ():
        name = f"{gateway.namespace}/{gateway.item.name}"
        if name in gateways_of(one) and not why_not_selected(configuration, client, gateway):
            places += gateway_l4_places(configuration, client, gateway, hosts_of(one), kind)
    for place in places:
        yield from l4_outcomes_at(configuration, client, place, written, kind, one.namespace)
    if not places:
        because = "; ".join(reasons) or f"no server of its Gateways takes {kind} rules for its hosts"
        yield from _everywhere(one, State.NOT_IN_EFFECT, because, kinds=(kind,))


def http_places(
    configuration: Configuration, one: Written[VirtualService], client: Client
) -> Iterator[Place | Excluded]:
    """Where the proxy should have its `http` rules; that it is exported to the proxy is asked before."""
    gateways, hosts = gateways_of(one), hosts_of(one)
    if client.kind == "gateway":
        yield from gateway_places(configuration, client, hosts, gateways, one.namespace)
        if gateways == (MESH,):
            yield Excluded("it names no Gateway, so that it is for sidecars", is_meant=False)
    elif client.kind not in ("sidecar", "waypoint"):
        yield Excluded(f"{client.noun} is not modelled", is_meant=False)
    elif MESH not in gateways:
        yield Excluded(f"it is for the Gateways {', '.join(gateways)} alone", is_meant=False)
    elif client.kind == "waypoint":
        yield from waypoint_places(configuration, client, hosts, one.namespace)
    elif not configuration.scope(client).imports(one.namespace, hosts):
        yield Excluded(f"{configuration.scope(client).sidecar} does not import it", is_meant=False)
    else:
        yield from mesh_places(configuration, client, hosts)


def delegates_of(configuration: Configuration, root: str) -> FindDelegate:
    """The VirtualServices that one of namespace `root` may delegate to."""

    def find(namespace: str, name: str) -> VirtualService | None:
        for other in configuration.virtual_services:
            if (other.namespace, other.item.name) == (namespace, name):
                to = other.value.spec.export_to or configuration.virtual_service_export_to
                return other.value if reach(to, namespace, root) is not None else None
        return None

    return find


def _everywhere(
    one: Written[VirtualService], state: State, because: str, *, is_meant: bool = True, kinds: tuple[str, ...] = KINDS
) -> Iterator[Outcome]:
    """The same for every rule of the kinds."""
    for path in rules(one.value):
        if path[1] in kinds:
            yield Outcome(path, state, because, is_meant=is_meant)


# --- delegates -----------------------------------------------------------------------------------------------------


def _of_delegate(configuration: Configuration, one: Written[VirtualService], client: Client) -> Iterator[Outcome]:
    """A VirtualService without hosts does nothing alone; its rules are in effect where those of a root are that names it."""
    name = (one.namespace, one.item.name)
    roots = [
        (root, index)
        for root in configuration.virtual_services
        for index, rule in enumerate(root.value.spec.http)
        if rule.delegate and (rule.delegate.namespace or root.namespace, rule.delegate.name) == name
    ]
    if not roots:
        yield from _everywhere(one, State.NOT_IN_EFFECT, "it has no hosts, and no VirtualService delegates to it")
        return
    for root, index in roots:
        for found in outcomes(configuration, root, client):
            if found.path[:3] == ("spec", "http", index) and found.origin:
                yield replace(found, path=found.origin, because=f"by {root} http[{index}]: {found.because}")
