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
from meshscope.simulation.http_filters.header_facts import header_facts
from meshscope.simulation.matching.string import string_matches
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.request import Headers
from meshscope.xds.header_mutation import HeaderMutation, HeaderMutationPerRoute, Mutation, Mutations
from meshscope.xds.matcher import StringMatcher

Change = Callable[[HttpRequest, SubstitutionFacts], tuple[HttpRequest, tuple[str, ...]]]
"""The request after a mutation, and the operators in its value that stayed unknown."""


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
        facts = header_facts(request, context)
        changed, unknown = request, list[str]()
        for change in changes:
            changed, operators = change(changed, replace(facts, request=changed))
            unknown += operators
        if changed.headers == request.headers:
            return passes(request, context, entry, no_change)
        because = "; ".join(("changes request headers", *(f"{one} is not known" for one in dict.fromkeys(unknown))))
        return passes(changed, context, entry, because)

    return run


def _change(mutation: Mutation) -> Change:
    if mutation.append is not None:
        addition = Addition((mutation.append,), ())
        return addition.added_to
    if mutation.remove:
        removal = Addition((), (mutation.remove,))
        return lambda request, _: (replace(request, headers=removal.removed(request.headers)), ())
    matcher = mutation.remove_on_match.key_matcher if mutation.remove_on_match else None
    if matcher is None:
        return lambda request, _: (request, ())
    return lambda request, _: (replace(request, headers=_without(request.headers, matcher)), ())


def _without(headers: Headers, matcher: StringMatcher) -> Headers:
    return tuple(pair for pair in headers if not string_matches(matcher, pair[0]).is_yes)
