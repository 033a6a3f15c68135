"""Why another VirtualService has a host on a sidecar.

One that is private to the client's namespace comes before one that is exported to it by name, that before a public one; in each
group the oldest. In later versions the most specific host decides first.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go (BuildSidecarVirtualHostWrapper)
"""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.generated import GATEWAY, Generated, semantics
from meshscope.effect.http_routes.places import Place, hosts_of
from meshscope.effect.static_conditions import MESH
from meshscope.effect.written import Written
from meshscope.istio.export_to import Reach, reach
from meshscope.istio.hosts import is_within, specificity
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.owner_text import parse_owner
from meshscope.istio.version_gates import CLOSEST_HOST

_WORDS = {
    Reach.PRIVATE: "it is private to the proxy's namespace",
    Reach.NAMED: "it is exported to the proxy's namespace by name",
}


def why_it_won(
    configuration: Configuration, client: Client, place: Place, winner: str, loser: Written[VirtualService]
) -> str:
    """In words, "" where nothing tells: on a gateway all have the host, and of objects without a time of creation the age is
    unknown.
    """
    other = next((one for one in configuration.virtual_services if _is_named(one, winner)), None)
    if other is None or place.gateway != MESH:
        return ""
    if configuration.knows(CLOSEST_HOST):
        mine, theirs = _closest(loser, place.host), _closest(other, place.host)
        if theirs != mine:
            return f"its host {theirs} is more specific than {mine}"
    ranks = _reach(configuration, loser, client), _reach(configuration, other, client)
    if None not in ranks and ranks[0] != ranks[1] and ranks[1] in _WORDS:
        return _WORDS[ranks[1]]
    if configuration.is_since(1, 24) and is_consumers(other, client) and not is_consumers(loser, client):
        return "routes of the proxy's own namespace come first"
    ages = configuration.ages.of(loser.item), configuration.ages.of(other.item)
    if not all(ages):
        return "which of both is older is unknown: no time of creation is in this input"
    return "it is older" if ages[0] != ages[1] else "both are of the same second, and its name comes first"


def _is_named(one: Written[VirtualService], words: str) -> bool:
    named = parse_owner(words)
    return named is not None and named.whole in (one.sources if isinstance(one, Generated) else (str(one),))


def is_consumers(one: Written[VirtualService], client: Client) -> bool:
    return semantics(one.item) == GATEWAY and one.namespace == client.namespace


def _closest(one: Written[VirtualService], host: str) -> str:
    return max((each for each in hosts_of(one) if is_within(host, each)), key=specificity, default="")


def _reach(configuration: Configuration, one: Written[VirtualService], client: Client) -> Reach | None:
    to = one.value.spec.export_to or configuration.virtual_service_export_to
    return reach(to, one.namespace, client.namespace)
