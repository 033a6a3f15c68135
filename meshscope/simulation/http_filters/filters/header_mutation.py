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
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.request import Headers
from meshscope.xds.header_mutation import HeaderMutation, HeaderMutationPerRoute, Mutation, Mutations

Change = Callable[[Headers, SubstitutionFacts], Headers]


def make_early(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    """The filter's own mutations, before it asks for the route."""
    config = _config(own)
    mutations = [config.mutations, *_levels(config, overrides)]
    mutates_query = any(one.query_parameter_mutations for one in mutations)
    no_change = "query parameter mutations are not modelled" if mutates_query else "changes no request header"
    return _run(entry, config.mutations.request_mutations, no_change)


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    """The mutations of the route's levels."""
    levels = _levels(_config(own), overrides)
    changes = tuple(one for mutations in levels for one in mutations.request_mutations)
    return _run(entry, changes, "") if changes else lambda request, _: (Outcome(request),)


def _config(own: Configuration) -> HeaderMutation:
    return own.message if isinstance(own.message, HeaderMutation) else HeaderMutation()


def _levels(config: HeaderMutation, overrides: tuple[Configuration, ...]) -> list[Mutations]:
    levels = [one.message.mutations for one in overrides if isinstance(one.message, HeaderMutationPerRoute)]
    return levels[::-1] if config.most_specific_header_mutations_wins else levels


def _run(entry: FilterEntry, mutations: tuple[Mutation, ...], no_change: str) -> Filter:
    changes = tuple(map(_change, mutations))

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
