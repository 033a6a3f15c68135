"""The generic matcher tree over an input function: an action, no match, or unknown.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/matching/matching_api
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from meshscope.simulation.connection import Envoy
from meshscope.simulation.guards import prefix_map_resumes
from meshscope.simulation.matching.string import NEWEST, string_matches
from meshscope.simulation.matching.tree_leaves import (
    IP_MATCHER,
    SERVER_NAME_MATCHER,
    Leaf,
    custom_matches,
    ip_leaves,
    server_name_leaves,
)
from meshscope.simulation.verdict import NO, Unknown, Verdict, all_of, any_of, unknown
from meshscope.xds.extension import Extension
from meshscope.xds.matcher_tree import FieldMatcher, Matcher, MatcherTree, OnMatch, Predicate, SinglePredicate
from meshscope.xds.message import Undecodable

Inputs = Callable[[Extension], "str | Unknown | None"]
"""The text of an input; None where it is absent."""


def evaluate(
    tree: Matcher, inputs: Inputs, *, metadata: Mapping[str, Any] | None = None, envoy: Envoy = NEWEST
) -> Extension | Unknown | None:
    """The action, None for no match. `metadata` is what `DynamicMetadataInput` reads, which is no text."""
    return _Walk(inputs, metadata or {}, envoy).matcher(tree)


class _Walk(Struct, frozen=True):
    inputs: Inputs
    metadata: Mapping[str, Any]
    envoy: Envoy

    def matcher(self, tree: Matcher) -> Extension | Unknown | None:
        """An inner matcher's own `on_no_match` is a match for the outer one."""
        found: Extension | Unknown | None = None
        if tree.unread:
            return Unknown(f"matcher tree: {tree.doubt}")
        if tree.matcher_list is not None:
            for entry in tree.matcher_list.matchers:
                verdict = self.entry(entry)
                if verdict.is_unknown:
                    return Unknown(verdict.because)
                if verdict.is_yes and (found := self.on_match(entry.on_match)) is not None:
                    return found
        elif tree.matcher_tree is not None:
            found = self.map(tree.matcher_tree)
        if found is None and tree.on_no_match is not None:
            return self.on_match(tree.on_no_match)
        return found

    def entry(self, entry: FieldMatcher) -> Verdict:
        verdict = self.predicate(entry.predicate)
        return all_of((verdict, unknown(f"matcher tree: {entry.doubt}"))) if entry.unread else verdict

    def on_match(self, what: OnMatch) -> Extension | Unknown | None:
        """None where a nested matcher misses."""
        if what.unread:
            return Unknown(f"matcher tree: {what.doubt}")
        if what.keep_matching:
            return Unknown("keep_matching, which Envoy refuses or crashes on")
        return self.matcher(what.matcher) if what.matcher is not None else what.action

    def map(self, tree: MatcherTree) -> Extension | Unknown | None:
        """The most specific entry first; where its subtree misses, the next one that may stand in."""
        if tree.unread:
            return Unknown(f"matcher tree: {tree.doubt}")
        value = self.inputs(tree.input)
        if value is None or isinstance(value, Unknown):
            return value
        leaves = self.leaves(tree, value)
        if isinstance(leaves, Undecodable):
            return Unknown(leaves.why)
        for count, leaf in enumerate(leaves):
            if count and leaf.exclusive:
                continue
            found = self.on_match(leaf.on_match)
            if found is not None:
                return found
        return None

    def leaves(self, tree: MatcherTree, value: str) -> Iterator[Leaf] | Undecodable:
        if tree.exact_match_map is not None:
            exact = tree.exact_match_map.map.get(value)
            return iter(() if exact is None else (Leaf(exact),))
        if tree.prefix_match_map is not None:
            prefixes = sorted(
                (key for key in tree.prefix_match_map.map if value.startswith(key)), key=len, reverse=True
            )
            only = len(prefixes) if prefix_map_resumes(self.envoy) else 1
            entries = tree.prefix_match_map.map
            return iter(tuple(Leaf(entries[key]) for key in prefixes[:only]))
        custom = tree.custom_match
        if custom is not None and custom.type_name == IP_MATCHER:
            return ip_leaves(custom, value)
        if custom is not None and custom.type_name == SERVER_NAME_MATCHER:
            return server_name_leaves(custom, value)
        return Undecodable(f"matcher {custom.type_name or custom.name}" if custom else "matcher without entries")

    def predicate(self, what: Predicate) -> Verdict:
        if what.unread:
            return unknown(f"matcher tree: {what.doubt}")
        if what.single_predicate is not None:
            return self.single(what.single_predicate)
        if what.and_matcher is not None:
            return all_of(map(self.predicate, what.and_matcher.predicate))
        if what.or_matcher is not None:
            return any_of(map(self.predicate, what.or_matcher.predicate))
        if what.not_matcher is not None:
            return ~self.predicate(what.not_matcher)
        return unknown("predicate without a matcher")

    def single(self, what: SinglePredicate) -> Verdict:
        """An absent input makes it false."""
        if what.unread:
            return unknown(f"matcher tree: {what.doubt}")
        if what.custom_match is not None:
            verdict = custom_matches(what.custom_match, what.input, self.metadata, self.envoy)
            if verdict is not None:
                return verdict
        value = self.inputs(what.input)
        if isinstance(value, Unknown):
            return unknown(value.because)
        if what.custom_match is not None:
            verdict = custom_matches(what.custom_match, value, self.metadata, self.envoy)
            return verdict or unknown(f"matcher {what.custom_match.type_name or what.custom_match.name}")
        if value is None:
            return NO
        return string_matches(what.value_match, value, self.envoy) if what.value_match else unknown("no value_match")
