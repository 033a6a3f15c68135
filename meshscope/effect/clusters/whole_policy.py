"""The traffic policy of a host: that of its first rule, and since Istio 1.31 what policies of the Gateway API add to it.

https://github.com/istio/istio/pull/60432 : of a DestinationRule and of what istiod makes of a BackendTLSPolicy each part that
the DestinationRule sets counts, whichever is older, and the policy fills the gaps, also in settings of single ports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Rule, chosen
from meshscope.effect.clusters.expected import policy_facts
from meshscope.effect.clusters.policy import OF_SUBSETS, PARTS, for_port
from meshscope.effect.configuration import Configuration
from meshscope.effect.generated import Generated
from meshscope.istio.objects.traffic_policy import PortTrafficPolicy, TrafficPolicy


class WholePolicy(Struct, frozen=True):
    """`makers` are the rules that have a part in `policy`: one, or one that people wrote before one that istiod made."""

    policy: TrafficPolicy | None = None
    makers: tuple[Rule, ...] = ()

    @property
    def first(self) -> Rule | None:
        return next(iter(self.makers), None)

    def why_not_of(self, one: Rule) -> str:
        """Why a rule with a policy has no part in this one, "" where it has."""
        if self.first is None or any(each.item is one.item for each in self.makers):
            return ""
        return f"{self.first} for the same host is older, and its trafficPolicy is taken as a whole"

    def why_lost(self, one: Rule, port: int, parts: Sequence[str] = OF_SUBSETS) -> str:
        """Why none of those parts of a rule that has a part in it counts on a port, "" where one does."""
        if self.first is None or self.first.item is one.item:
            return ""
        own, found = for_port(one.value.spec.traffic_policy, port), for_port(self.policy, port)
        asked = [part for part in parts if getattr(own, part, None) is not None]
        if not asked or any(getattr(own, part) is getattr(found, part, None) for part in asked):
            return ""
        return f"{self.first} for the same host counts on port {port}: what it sets stands before policies"

    def fields_of(self, one: Rule, port: int) -> Callable[[str], bool]:
        """Whether a fact of a cluster is one that a rule asks for; what none of them asks for is of each."""
        own = policy_facts(for_port(one.value.spec.traffic_policy, port))
        every = policy_facts(for_port(self.policy, port))
        return lambda field: field not in every or own.get(field) == every[field]


def whole_policy(configuration: Configuration, rules: Sequence[Rule]) -> WholePolicy:
    """Of the rules that a proxy takes for a host, the oldest first."""
    speaking = [one for one in rules if one.value.spec.traffic_policy is not None]
    if not speaking:
        return WholePolicy()
    if configuration.is_since(1, 31):
        written = next((one for one in speaking if not isinstance(one, Generated)), None)
        made = next((one for one in speaking if isinstance(one, Generated)), None)
        if written is not None and made is not None:
            merged = _filled(written.value.spec.traffic_policy, made.value.spec.traffic_policy)
            return WholePolicy(merged, (written, made))
    return WholePolicy(speaking[0].value.spec.traffic_policy, (speaking[0],))


def taken(configuration: Configuration, client: Client, host: str, port: int) -> WholePolicy:
    """By a proxy for a host that it knows."""
    service = configuration.scope(client).service(host, port)
    return whole_policy(configuration, chosen(configuration, client, service).rules) if service else WholePolicy()


def _filled(written: TrafficPolicy | None, made: TrafficPolicy | None) -> TrafficPolicy | None:
    if written is None or made is None:
        return written or made
    gaps = {part: getattr(made, part) for part in OF_SUBSETS if getattr(written, part) is None}
    return replace(written, **gaps, port_level_settings=_levels(written, made))


def _levels(written: TrafficPolicy, made: TrafficPolicy) -> tuple[PortTrafficPolicy, ...]:
    ours = {one.port.number: one for one in made.port_level_settings if one.port}
    theirs = {one.port.number for one in written.port_level_settings if one.port}
    found = [_level(one, ours.get(one.port.number) if one.port else None) for one in written.port_level_settings]
    return (*found, *(one for number, one in ours.items() if number not in theirs))


def _level(written: PortTrafficPolicy, made: PortTrafficPolicy | None) -> PortTrafficPolicy:
    gaps = {part: getattr(made, part) for part in PARTS if made is not None and getattr(written, part) is None}
    return replace(written, **gaps)
