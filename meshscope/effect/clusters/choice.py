"""Which DestinationRules a proxy takes for a service.

Those of its own namespace, else of the service's, else of the root namespace; there the most specific host, and of several for
one host all together. https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration and
https://github.com/istio/istio/blob/master/pilot/pkg/model/push_context.go (destinationRule).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import MeshService
from meshscope.effect.written import Written
from meshscope.istio.export_to import Reach, reach
from meshscope.istio.hosts import full_host, specificity
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.istio.version_gates import SEVERAL_EXPORT_TO

Rule = Written[DestinationRule]


class Choice(Struct, frozen=True):
    """`rules` are merged, the first one first; empty where none applies. `because` says which rule of Istio chose them."""

    rules: tuple[Rule, ...] = ()
    because: str = ""


def chosen(configuration: Configuration, client: Client, service: MeshService, *, is_inbound: bool = False) -> Choice:
    """`is_inbound`: for the clusters to the proxy's own workload, where a workloadSelector does not count."""
    root = configuration.settings.root_namespace
    levels = (
        (client.namespace, "the client's namespace comes first"),
        (service.namespace, "the service's namespace comes before the root namespace"),
        (root, "nothing closer has a rule"),
    )
    for number, (namespace, because) in enumerate(levels):
        fitting = configuration.destination_rules_for(namespace, service.host)
        if number == 0 and namespace == root:  # its public rules wait for their turn
            fitting = [one for one in fitting if _reach(configuration, one, client) is Reach.PRIVATE]
        found = _of_level(configuration, client, fitting, asks_export=number > 0, is_inbound=is_inbound)
        if found:
            counting = (one for one in found if not is_inbound or one.value.spec.workload_selector is None)
            return Choice(tuple(counting), because)
    return Choice()


def host_of(one: Rule) -> str:
    return full_host(one.value.spec.host, one.namespace)


def selects(one: Rule, client: Client) -> bool:
    """Whether a rule with a workloadSelector is for the proxy; one without is for all."""
    selector = one.value.spec.workload_selector
    return selector is None or (one.namespace == client.namespace and client.labels.match(selector.match_labels))


def _of_level(
    configuration: Configuration, client: Client, fitting: Iterable[Rule], *, asks_export: bool, is_inbound: bool
) -> tuple[Rule, ...]:
    rules = list(fitting)
    if not rules:
        return ()
    closest = max(specificity(host_of(one)) for one in rules)
    rules = [one for one in rules if specificity(host_of(one)) == closest and (is_inbound or selects(one, client))]
    if asks_export:
        rules = [one for one in rules if _reach(configuration, one, client) is not None]
    selecting = [one for one in rules if one.value.spec.workload_selector is not None]
    if selecting and not is_inbound:
        return tuple(selecting)
    return _merged(rules) if configuration.is_since(1, 24) else tuple(rules)


def _merged(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Of rules for one host, oldest first: since 1.24 those with the same exportTo are merged, and one that is exported further
    is merged into one before it and stands alone, too. Of several that are left the last counts
    (https://github.com/istio/istio/blob/master/pilot/pkg/model/destination_rule.go, mergeDestinationRule).
    """
    groups: list[tuple[frozenset[str], list[Rule]]] = []
    for one in rules:
        to, is_apart = frozenset(one.value.spec.export_to), True
        for own, members in groups:
            if own == to or (own and own <= to):
                members.append(one)
            is_apart = own != to
        if is_apart:
            groups.append((to, [one]))
    return tuple(groups[-1][1]) if groups else ()


def export_to(configuration: Configuration, one: Rule) -> tuple[str, ...]:
    """One with a workloadSelector is private whatever it says; of several places older control planes take its own alone."""
    to = one.value.spec.export_to or configuration.settings.default_destination_rule_export_to
    is_own = bool({".", one.namespace} & set(to)) and "*" not in to and not configuration.knows(SEVERAL_EXPORT_TO)
    return (".",) if is_own or one.value.spec.workload_selector is not None else to


def _reach(configuration: Configuration, one: Rule, client: Client) -> Reach | None:
    return reach(export_to(configuration, one), one.namespace, client.namespace)


def first_with(choice: Choice, name: str, one: Rule, index: int) -> str:
    """What has a subset of that name before the one at `index` of a rule, "" where that is the first."""
    for rule in choice.rules:
        for number, subset in enumerate(rule.value.spec.subsets):
            if rule.item is one.item and number == index:
                return ""
            if subset.name == name:
                return "this rule" if rule.item is one.item else str(rule)
    return ""
