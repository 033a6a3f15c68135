"""`envoy.filters.http.ip_tagging`: the tags of the client's address in a header; then the route is chosen again.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ip_tagging_filter
Several tags are written in no certain order.
"""

from __future__ import annotations

from itertools import permutations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import add_headers
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    by_most_specific,
    passes,
    rerouted,
    under_condition,
)
from meshscope.simulation.matching.tree_leaves import in_range
from meshscope.xds.ip_tagging import IpTagging
from meshscope.xds.message import present

HEADER = "x-envoy-ip-tags"
_MOST_TAGS = 3
"""Of so many tags every order is an outcome; of more the order is assumed not to matter."""


def _filter(entry: FilterEntry, config: IpTagging) -> Filter:
    name = config.ip_tag_header.header.lower() if config.ip_tag_header else HEADER
    sanitizes = config.ip_tag_header is not None and config.ip_tag_header.action != "APPEND_IF_EXISTS_OR_ADD"

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        asked = {"INTERNAL": request.internal, "EXTERNAL": not request.internal}
        if not asked.get(config.request_type, True):
            return passes(request, context, entry, f"not for this request: {config.request_type}")
        if present(config.ip_tags_file_provider):
            return assumed_to_pass(request, entry, "the tags are in a file")
        client = request.client_ip or context.connection.source_ip
        if client is None:
            return assumed_to_pass(request, entry, "the client's address is not given")
        tags = [tag.ip_tag_name for tag in config.ip_tags if any(in_range(one, client) for one in tag.ip_list)]
        return _tagged(tuple(dict.fromkeys(tags)), client, request, context)

    def _tagged(tags: tuple[str, ...], client: str, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        headers = request.headers
        if sanitizes:
            headers = tuple(pair for pair in headers if pair[0] != name)
        changed = headers != request.headers
        if not tags:
            left = passes(replace(request, headers=headers), context, entry, f"{client} has no tag")
            return rerouted(left) if changed else left
        orders = tuple(permutations(tags)) if len(tags) <= _MOST_TAGS else (tags,)
        outcomes = []
        for order in orders:
            text = ",".join(order)
            with_tags = replace(request, headers=add_first(headers, name, text))
            (outcome,) = rerouted(passes(with_tags, context, entry, f"{client} has the tags {text}"))
            if len(tags) > _MOST_TAGS:
                outcome = replace(outcome, assuming=(f"nothing depends on the order of the tags in {name}",))
            outcomes.append(under_condition(outcome, f"the tags are written as {text}") if orders[1:] else outcome)
        return tuple(outcomes)

    return run


def add_first(headers: tuple[tuple[str, str], ...], name: str, text: str) -> tuple[tuple[str, str], ...]:
    """Behind the first value of the header, after a comma, whichever header it is."""
    for at, (key, value) in enumerate(headers):
        if key == name:
            return (*headers[:at], (key, f"{value},{text}" if value else text), *headers[at + 1 :])
    return add_headers(headers, ((name, text),))


make = by_most_specific(IpTagging, "a list of tags", _filter)
