"""PeerAuthentication: its mode, and that of each port it names, against the inbound filter chains of sidecars.

https://istio.io/latest/docs/reference/config/security/peer_authentication/. What it tells clients (automatic mutual TLS) is not
asked here.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.answer import Difference, Made, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import SECURITY, Configuration
from meshscope.effect.made import FILTER_CHAIN, chain_name
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain, Unread, knows_listeners, policy_chains
from meshscope.effect.policies.mutual_tls import PERMISSIVE, flaws, shown_mode
from meshscope.effect.policies.selection import not_selected
from meshscope.effect.policies.ztunnels import why_unknown
from meshscope.effect.workload_ports import workload_ports
from meshscope.effect.written import Written
from meshscope.envoy.resource import LISTENER
from meshscope.istio.objects.peer_authentication import PeerAuthentication
from meshscope.istio.peer_authentication import Level, Mode, Policy, chosen, level_of, modes
from meshscope.path import Path

MTLS: Path = ("spec", "mtls")
PORTS = "portLevelMtls"
Ports = dict[int | None, tuple[PolicyChain, ...]]


def rules(value: PeerAuthentication) -> Iterator[Path]:
    """The mode and that of each port; a policy without any is one as a whole, which inherits."""
    if value.spec.mtls is not None:
        yield MTLS
    yield from (("spec", PORTS, port) for port in value.spec.port_level_mtls)
    if value.spec.mtls is None and not value.spec.port_level_mtls:
        yield ("spec",)


def statics(configuration: Configuration, one: Written[PeerAuthentication]) -> Iterator[Outcome]:
    """Of the workloads that have no proxy of their own."""
    if because := why_unknown(configuration, one.item, one.value.spec.selector):
        yield from _everywhere(one, State.UNKNOWN, because)


def outcomes(configuration: Configuration, one: Written[PeerAuthentication], client: Client) -> Iterator[Outcome]:
    own = Policy(one.item, one.value.spec)
    if why := _not_for(configuration, own, client):
        yield from _everywhere(one, *why)
        return
    if why := _outdone(configuration, own, client):
        yield from _everywhere(one, *why)
        return
    ports: Ports = {}
    for chain in policy_chains(configuration, client):
        if isinstance(chain, Unread):
            yield from _everywhere(one, State.UNKNOWN, chain.because)
            return
        ports[chain.port] = (*ports.get(chain.port, ()), chain)
    if ports:
        yield from _Judge(configuration, own, client, ports).outcomes(one)
    elif knows_listeners(client):
        yield from _everywhere(one, State.NOT_IN_EFFECT, "the proxy has no inbound listener")
    else:
        yield from _everywhere(one, State.UNKNOWN, "not all listeners of the proxy were captured")


def _everywhere(
    one: Written[PeerAuthentication], state: State, because: str, is_meant: bool = True
) -> Iterator[Outcome]:
    for path in rules(one.value):
        yield Outcome(path, state, because, is_meant=is_meant)


# --- which policy counts -------------------------------------------------------------------------------------------

Why = tuple[State, str, bool]


def _not_for(configuration: Configuration, own: Policy, client: Client) -> Why | None:
    """Why it is not for the proxy, and whether its author meant the proxy all the same."""
    root = configuration.settings.root_namespace
    if own.namespace not in (client.namespace, root):
        return State.NOT_IN_EFFECT, f"it is for workloads of namespace {own.namespace}", False
    if lacking := not_selected(own.spec.selector, client):
        return State.NOT_IN_EFFECT, lacking, False
    return _unheeded(configuration, own, client)


def _unheeded(configuration: Configuration, own: Policy, client: Client) -> Why | None:
    root = configuration.settings.root_namespace
    if client.kind == "gateway":
        return (
            State.NOT_IN_EFFECT,
            "listeners of a gateway follow its Gateway, not a PeerAuthentication",
            bool(own.selected),
        )
    if client.kind != "sidecar":
        return State.UNKNOWN, f"policies at a {client.kind} are not modelled", True
    if not configuration.is_since(1, 5):
        return State.UNKNOWN, "Istio before 1.5 has no PeerAuthentication", True
    if level_of(own, client.namespace, client.labels, root) is None:
        return State.NOT_IN_EFFECT, f"with a selector in the root namespace {root} it counts for no workload", True
    return None


def levels_of(configuration: Configuration, client: Client) -> dict[Level, Policy]:
    """The policies that count for a workload, the narrowest level first."""
    return chosen(all_policies(configuration), client.namespace, client.labels, configuration.settings.root_namespace)


def all_policies(configuration: Configuration) -> tuple[Policy, ...]:
    """Every policy, oldest first."""
    return configuration.mesh.derived(
        "peer authentications by age",
        lambda: tuple(
            Policy(one.item, one.value.spec)
            for one in configuration.typed("PeerAuthentication", PeerAuthentication, SECURITY)
        ),
    )


def _outdone(configuration: Configuration, own: Policy, client: Client) -> Why | None:
    """Of several at one level the oldest counts."""
    root = configuration.settings.root_namespace
    level = level_of(own, client.namespace, client.labels, root)
    same = [one for one in all_policies(configuration) if level_of(one, client.namespace, client.labels, root) is level]
    if len(same) < 2:
        return None
    if not configuration.ages.is_known(*(one.item for one in same)):
        names = ", ".join(str(one.item) for one in same)
        return State.UNKNOWN, f"the oldest of {names} counts, and their ages are not known", True
    if same[0].item.ref == own.item.ref:
        return None
    return State.NOT_IN_EFFECT, f"{same[0].item} is older", True


# --- the ports of a proxy ------------------------------------------------------------------------------------------


class _Judge(Struct, frozen=True):
    configuration: Configuration
    own: Policy
    client: Client
    ports: Ports

    def outcomes(self, one: Written[PeerAuthentication]) -> Iterator[Outcome]:
        policies = levels_of(self.configuration, self.client)
        for path in rules(one.value):
            if len(path) > len(MTLS):
                yield self._of_port(path, policies)
            else:
                yield from self._ofall_policies(path, policies)

    def _ofall_policies(self, path: Path, policies: dict[Level, Policy]) -> Iterator[Outcome]:
        """One for each port of which neither a narrower policy nor this one's `portLevelMtls` says more."""
        level_by_ref = {policy.item.ref: level for level, policy in policies.items()}
        own, narrower, found = level_by_ref[self.own.item.ref], "", False
        for port in self.ports:
            mode = next(modes(policies, port), None)
            if mode and level_by_ref[mode.policy.ref] < own:
                narrower = f"{mode.policy} says {mode.mode}"
            elif mode is None or level_by_ref[mode.policy.ref] > own or mode.path[1] != PORTS:
                found = True
                yield self._at(path, port, mode)
        if not found:
            because = narrower or f"{PORTS} names every port of the proxy"
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=not narrower)

    def _of_port(self, path: Path, policies: dict[Level, Policy]) -> Outcome:
        if policies.get(Level.WORKLOAD) is None or policies[Level.WORKLOAD].item.ref != self.own.item.ref:
            return Outcome(path, State.NOT_IN_EFFECT, f"{PORTS} counts only in a policy with a selector")
        text = str(path[-1])
        port = int(text) if text.isdigit() else -1
        of_services = workload_ports(self.configuration, self.client)
        if port in of_services and not any(port in targets for targets in of_services.values()):
            own = ", ".join(str(target) for target in of_services[port])
            because = f"{port} is the port of a Service; the workload's own, which counts here, is {own}"
            return Outcome(path, State.NOT_IN_EFFECT, because)
        if port not in self.ports:
            because = f"no inbound filter chain has port {text}"
            if not self.configuration.is_since(1, 9):
                because += ": before 1.9 a port that no Service has does not count"
            return Outcome(path, State.NOT_IN_EFFECT, because, kind=LISTENER, name=self._listener)
        return self._at(path, port, next(modes(policies, port), None))

    @property
    def _listener(self) -> str:
        return next(iter(self.ports.values()))[0].resource.name

    def _at(self, path: Path, port: int | None, mode: Mode | None) -> Outcome:
        chains = self.ports[port]
        shown = shown_mode(chains)
        wanted = mode.mode if mode else PERMISSIVE
        where = f"port {port}" if port is not None else "undeclared ports"
        difference: tuple[Difference, ...] = ()
        inherits = self._inherited(mode)
        if not shown:
            state, because = State.UNKNOWN, f"{where}: a transport socket is not modelled"
        elif shown != wanted:
            state, because = State.NOT_IN_EFFECT, f"{where}: the filter chains show {shown}, not {wanted}{inherits}"
            if mode is None and not self._knows_root:
                state = State.UNKNOWN
            difference = (Difference("mode", wanted, shown),)
        elif wrong := list(flaws(shown, chains)):
            state, because = State.PARTLY, f"{where}: {'; '.join(wrong)}"
            difference = tuple(Difference("filter_chains", wanted, one) for one in wrong)
        else:
            state, because = State.IN_EFFECT, f"{shown}{inherits}"
        return Outcome(
            path,
            state,
            because,
            expected=wanted,
            actual=shown or None,
            differences=difference,
            made=chains[0].location,
            kind=LISTENER,
            name=chains[0].resource.name,
            more=tuple(
                Made(FILTER_CHAIN, chain_name(one.resource.name, one.index), one.location) for one in chains[1:]
            ),
        )

    def _inherited(self, mode: Mode | None) -> str:
        if mode is None:
            return ", the default"
        return "" if mode.policy.ref == self.own.item.ref else f", inherited from {mode.policy}"

    @property
    def _knows_root(self) -> bool:
        """Whether the input has a policy of the root namespace at all; a user may not be allowed to read it."""
        root = self.configuration.settings.root_namespace
        return any(one.namespace == root for one in all_policies(self.configuration))
