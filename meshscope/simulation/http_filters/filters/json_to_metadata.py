"""`envoy.filters.http.json_to_metadata`: what a JSON body holds becomes dynamic metadata; then the route is chosen again.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/json_to_metadata_filter
A request states no body here: each rule may find its value, miss it, or meet what is no JSON.
"""

from __future__ import annotations

from itertools import product

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.http_filters.body import has_body
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    by_most_specific,
    passes,
    rerouted,
    under_condition,
)
from meshscope.simulation.matching.string import regex_matches
from meshscope.simulation.matching.value import MISSING, value_at
from meshscope.xds.json_to_metadata import JsonRules, JsonToMetadata, JsonValue

NAMESPACE = "envoy.filters.http.json_to_metadata"
_MOST_RULES = 3
"""Of so many rules every combination is an outcome; of more nothing is assumed to depend on what they find."""


def _filter(entry: FilterEntry, config: JsonToMetadata) -> Filter:
    rules = config.request_rules or JsonRules()

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if not rules.rules or not _is_of_type(rules, request, context):
            return passes(request, context, entry, "the content type is none of those that are read")
        missing = _wrote(tuple(rule.on_missing for rule in rules.rules), "there is no body", request, context, entry)
        body = has_body(request)
        if body is False:
            return (missing,)
        found = _of_body(rules, replace(request, body="whole"), context, entry)
        return found if body else (under_condition(missing, "it has no body"), *found)

    return run


def _is_of_type(rules: JsonRules, request: HttpRequest, context: FilterContext) -> bool:
    kind = ",".join(request.values("content-type"))
    if not kind:
        return rules.allow_empty_content_type
    if kind in (rules.allow_content_types or ("application/json",)):
        return True
    regex = rules.allow_content_types_regex
    return regex is not None and regex_matches(regex, kind, context.envoy).is_yes


def _of_body(rules: JsonRules, request: HttpRequest, context: FilterContext, entry: FilterEntry) -> FilterOutcomes:
    """What the rules may make of a body."""
    if len(rules.rules) > _MOST_RULES:
        outcome = _wrote((), "the body is not given", request, context, entry)
        return (replace(outcome, assuming=(f"nothing depends on the metadata that {entry.name} writes",)),)
    outcomes = []
    for each in product((True, False), repeat=len(rules.rules)):
        values = tuple(
            rule.on_present if there else rule.on_missing for rule, there in zip(rules.rules, each, strict=True)
        )
        words = "the body has " + ", ".join(
            f"{'a' if there else 'no'} value for rules[{index}]" for index, there in enumerate(each)
        )
        outcome = under_condition(_wrote(values, words, request, context, entry), words)
        unknown = [
            value.key for value, there in zip(values, each, strict=True) if there and value and value.value is None
        ]
        if unknown:
            assuming = f"nothing depends on metadata {', '.join(unknown)}: the body is not given"
            outcome = replace(outcome, assuming=(assuming,))
        outcomes.append(outcome)
    errors = tuple(rule.on_error for rule in rules.rules)
    words = "the body is no JSON"
    return (*outcomes, under_condition(_wrote(errors, words, request, context, entry), words))


def _wrote(
    values: tuple[JsonValue | None, ...], words: str, request: HttpRequest, context: FilterContext, entry: FilterEntry
) -> FilterOutcome:
    """The request with these values; where there is any, the route is chosen again."""
    wrote = False
    for value in values:
        if value is None:
            continue
        namespace = value.metadata_namespace or NAMESPACE
        there = value_at(request.metadata, namespace, (value.key,)) is not MISSING
        if value.preserve_existing_metadata_value and there:
            continue
        wrote = True
        if value.value is not None:
            request = with_metadata(request, namespace, {value.key: value.value})
    outcomes = passes(request, context, entry, f"{words}: {'writes' if wrote else 'no'} metadata")
    return (rerouted(outcomes) if wrote else outcomes)[0]


make = by_most_specific(JsonToMetadata, "a mapping of JSON to metadata", _filter)
