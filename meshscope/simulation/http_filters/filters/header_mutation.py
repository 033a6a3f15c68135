"""`envoy.filters.http.header_mutation`: changes request headers for later filters and the upstream; the route stays.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_mutation_filter
The filter's own mutations are applied first, then those of the route's levels, the most specific first;
`most_specific_header_mutations_wins` reverses the levels.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.mutations import HeaderMutation as Addition
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    passes,
)
from meshscope.simulation.matching.string import string_matches
from meshscope.simulation.request import Headers
from meshscope.xds.header_mutation import HeaderMutation, HeaderMutationPerRoute, Mutation

Change = Callable[[Headers, SubstitutionFacts], Headers]


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = own.message if isinstance(own.message, HeaderMutation) else HeaderMutation()
    levels = [one.message.mutations for one in overrides if isinstance(one.message, HeaderMutationPerRoute)]
    if config.most_specific_header_mutations_wins:
        levels.reverse()
    changes = tuple(_change(one) for mutations in (config.mutations, *levels) for one in mutations.request_mutations)
    mutates_query = any(mutations.query_parameter_mutations for mutations in (config.mutations, *levels))
    no_change = "query parameter mutations are not modelled" if mutates_query else "changes no request header"

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        facts = SubstitutionFacts(
            request=request,
            connection=context.connection,
            route_name=context.route.route.name if context.route.route else "",
            cluster=context.route.cluster,
        )
        headers = request.headers
        for change in changes:
            headers = change(headers, replace(facts, request=replace(request, headers=headers)))
        if headers == request.headers:
            return passes(request, context, entry, no_change)
        return passes(replace(request, headers=headers), context, entry, "changes request headers")

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
