"""`envoy.filters.http.header_mutation`: request headers as later filters see them; the route stays as it was chosen.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_mutation_filter
The filter's own mutations come first, then the most specific level's, and the least specific has the last word, unless
`most_specific_header_mutations_wins`.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.mutations import HeaderMutation as Addition
from meshscope.simulation.headers.substitution import Facts
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    passed,
)
from meshscope.simulation.matching.string import string_matches
from meshscope.simulation.request import Headers
from meshscope.xds.header_mutation import HeaderMutation, HeaderMutationPerRoute, Mutation

Change = Callable[[Headers, Facts], Headers]


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = own.message if isinstance(own.message, HeaderMutation) else HeaderMutation()
    levels = [one.message.mutations for one in overrides if isinstance(one.message, HeaderMutationPerRoute)]
    if config.most_specific_header_mutations_wins:
        levels.reverse()
    changes = tuple(_change(one) for mutations in (config.mutations, *levels) for one in mutations.request_mutations)
    note = "query parameters are left alone here" * any(
        m.query_parameter_mutations for m in (config.mutations, *levels)
    )

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        facts = Facts(
            request=request,
            connection=context.connection,
            route_name=context.route.route.name if context.route.route else "",
            cluster=context.route.cluster,
        )
        headers = request.headers
        for change in changes:
            headers = change(headers, replace(facts, request=replace(request, headers=headers)))
        if headers == request.headers:
            return passed(request, context, entry, note or "changes no request header")
        return passed(replace(request, headers=headers), context, entry, "changes request headers")

    return run


def _change(mutation: Mutation) -> Change:
    if mutation.append is not None:
        return Addition((mutation.append,), ()).added
    if mutation.remove:
        removal = Addition((), (mutation.remove,))
        return lambda headers, _: removal.removed(headers)
    matcher = mutation.remove_on_match.key_matcher if mutation.remove_on_match else None
    if matcher is None:
        return lambda headers, _: headers
    return lambda headers, _: tuple(pair for pair in headers if not string_matches(matcher, pair[0]).is_yes)
