"""Which cluster a route sends to: by name, by header, by weight, or by a plugin.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
The choice is made when the route is; whether the cluster exists is asked by the router, after all HTTP filters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.dynamic_metadata import LB
from meshscope.simulation.endings import NO_ROUTE, End
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.random_values import RandomValues
from meshscope.simulation.runtime_fraction import runtime_integer
from meshscope.simulation.trace import Response
from meshscope.simulation.verdict import Unknown
from meshscope.xds.extension import Extension
from meshscope.xds.message import Message, Undecodable, decode, present
from meshscope.xds.metadata import Metadata
from meshscope.xds.route import Route, RouteConfigurationHead
from meshscope.xds.route_action import ClusterWeight, RouteAction, WeightedCluster

if TYPE_CHECKING:
    from meshscope.xds.matcher_tree import Matcher

NOT_FOUND_CODES = {"SERVICE_UNAVAILABLE": 503, "NOT_FOUND": 404, "INTERNAL_SERVER_ERROR": 500}
LARGEST_RANDOM = 2**64
MATCHER = "envoy.extensions.router.cluster_specifiers.matcher.v3.MatcherClusterSpecifier"
NO_CLIENT = Connection()
ANY_RANDOM = RandomValues()


class ClusterChoice(Struct, frozen=True):
    """`name` "" leads nowhere (a missing header); None: a plugin chooses, and its choice is not known. `entry` is the weighted
    entry; `criteria` what a subset load balancer is asked for, the entry's over the route's; None: nothing.
    """

    name: str | None
    entry: ClusterWeight | None = None
    criteria: Mapping[str, Any] | None = None


class Plugin(Message, frozen=True):
    """ClusterSpecifierPlugin."""

    extension: Extension = Extension()
    is_optional: bool = False


class ClusterAction(Message, frozen=True):
    cluster: str = ""


Choices = tuple[Outcome[ClusterChoice], ...]


class ClusterChooser:
    """A route's ways to clusters, worked out once."""

    def __init__(self, route: Route, table: RouteConfigurationHead, envoy: Envoy) -> None:
        self._action = route.route
        action = route.route or RouteAction()
        self._criteria = lb_metadata(action.metadata_match)
        self._weighted = action.weighted_clusters
        weighted = action.weighted_clusters or WeightedCluster()
        self._weights = _weights(weighted, envoy.runtime, (entry.weight for entry in weighted.clusters))
        self._plugin = _plugin(action, table)
        self._envoy = envoy
        self._tree = _tree(self._plugin)

    def choose(
        self, request: HttpRequest, connection: Connection = NO_CLIENT, *, random: RandomValues = ANY_RANDOM
    ) -> Choices:
        """Every cluster that may be chosen, in the order of the configuration; an End where there is no way on.

        `random` is what the choice of the route left possible of the random value that weights use too.
        """
        action = self._action
        if action is None:  # filter_action and non_forwarding_action are for other filters than the router
            return (Outcome(cluster_not_found(RouteAction())),)
        if self._weighted is not None:
            return self._by_weight(self._weighted, request, random)
        if action.cluster:
            return (Outcome(ClusterChoice(action.cluster, None, self._criteria)),)
        if action.cluster_header:
            name = next(iter(request.values(action.cluster_header)), "")
            return (Outcome(ClusterChoice(name, None, self._criteria)),)
        return (self._by_plugin(request, connection),)

    def _by_plugin(self, request: HttpRequest, connection: Connection) -> Outcome[ClusterChoice]:
        """A matcher tree is walked; what other plugins choose is not known."""
        why = f"the cluster is chosen by {self._plugin or 'nothing that is configured'}"
        if self._tree is not None:
            from meshscope.simulation.matching.tree import evaluate  # as above
            from meshscope.simulation.matching.tree_inputs import http_inputs  # few routes have a tree

            action = evaluate(
                self._tree, http_inputs(request, connection, self._envoy), metadata=request.metadata, envoy=self._envoy
            )
            if action is None:  # a miss names the cluster ""
                return Outcome(ClusterChoice("", None, self._criteria))
            config = action if isinstance(action, Unknown) else decode(action.typed_config, ClusterAction)
            if isinstance(config, ClusterAction):
                return Outcome(ClusterChoice(config.cluster, None, self._criteria))
            why += f": {config.because if isinstance(config, Unknown) else config.why}"
        return Outcome(ClusterChoice(None, None, self._criteria), assuming=(why,))

    def _by_weight(self, weighted: WeightedCluster, request: HttpRequest, left: RandomValues) -> Choices:
        weights = _weights(weighted, request.runtime, self._weights) if request.runtime else self._weights
        total = sum(weights)
        if total == 0:  # refused at load; runtime alone can bring it about
            return (Outcome(NO_ROUTE),)
        value = _random_value(weighted, request)
        left = ANY_RANDOM if weighted.use_hash_policy else left
        found: list[Outcome[ClusterChoice]] = []
        low = 0
        for entry, weight in zip(weighted.clusters, weights, strict=True):
            high = low + weight
            if value is not None and low <= value % total < high:
                return (Outcome(self._entry(entry, request)),)
            if value is None and weight and (share := left.within(total, low, high).share):
                condition = f"weight {weight} of {total}" if weight < total else ""
                found.append(Outcome(self._entry(entry, request), share / left.share, condition))
            low = high
        return tuple(found)

    def _entry(self, entry: ClusterWeight, request: HttpRequest) -> ClusterChoice:
        name = entry.name or next(iter(request.values(entry.cluster_header)), "")
        own = lb_metadata(entry.metadata_match)
        return ClusterChoice(name, entry, self._criteria if own is None else {**(self._criteria or {}), **own})


def cluster_not_found(action: RouteAction) -> End:
    """What the router answers for a cluster that is not active on the proxy; a warming one is not."""
    code = NOT_FOUND_CODES.get(action.cluster_not_found_response_code, 503)
    return End(Disposition.NO_CLUSTER, Response(code=code, flags="NC", details="cluster_not_found"))


def lb_metadata(metadata: Metadata | None) -> Mapping[str, Any] | None:
    """`metadata_match`'s part for subset load balancing; None where there is none."""
    return metadata.filter_metadata.get(LB) if metadata else None


class _PluginRef(Struct, frozen=True):
    extension: Extension

    def __str__(self) -> str:
        return f"plugin {self.extension.name} ({self.extension.type_name})"


def _plugin(action: RouteAction, table: RouteConfigurationHead) -> _PluginRef | str:
    raws = table.cluster_specifier_plugins if action.cluster_specifier_plugin else ()
    if present(action.inline_cluster_specifier_plugin):
        raws = (action.inline_cluster_specifier_plugin,)
    for raw in raws:
        plugin = decode(raw, Plugin)
        if isinstance(plugin, Undecodable):
            return f"an unreadable plugin ({plugin.why})"
        if action.cluster_specifier_plugin in ("", plugin.extension.name):
            return _PluginRef(plugin.extension)
    return f"plugin {action.cluster_specifier_plugin}, which is not there" if action.cluster_specifier_plugin else ""


def _tree(plugin: _PluginRef | str) -> Matcher | None:
    if not isinstance(plugin, _PluginRef) or plugin.extension.type_name != MATCHER:
        return None
    from meshscope.xds.matcher_tree import MatcherClusterSpecifier  # few plugins are one

    config = decode(plugin.extension.typed_config, MatcherClusterSpecifier)
    return config.cluster_matcher if isinstance(config, MatcherClusterSpecifier) else None


def _weights(weighted: WeightedCluster, runtime: Mapping[str, Any], configured: Iterable[int]) -> tuple[int, ...]:
    """Runtime `PREFIX.CLUSTER` stands in for a configured weight."""
    prefix = weighted.runtime_key_prefix
    if not prefix:
        return tuple(configured)
    entries = zip(weighted.clusters, configured, strict=True)
    return tuple(runtime_integer(runtime, f"{prefix}.{entry.name}", known) for entry, known in entries)


def _random_value(weighted: WeightedCluster, request: HttpRequest) -> int | None:
    """The number of a header that is there once, else the stream's own; None where none is given, or a hash decides."""
    if weighted.header_name:
        values = request.values(weighted.header_name)
        text = values[0].strip() if len(values) == 1 else ""
        number = int(text) if text.isascii() and text.removeprefix("+").isdecimal() else LARGEST_RANDOM
        if number < LARGEST_RANDOM:
            return number
    return None if weighted.use_hash_policy else request.random
