"""One predicate of RBAC and how predicates combine.

`decide` builds no words; `because` says why a predicate does not hold, `wants` what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from meshscope.simulation.matching.string import pattern_words, string_matches
from meshscope.simulation.rbac.facts import RbacFacts
from meshscope.simulation.verdict import NO, Verdict, all_of, any_of, unknown
from meshscope.xds.matcher import StringMatcher

_MOST_ASKED = 4
ANYTHING = "anything"
NEVER = "it matches nothing"
"""As of an AuthorizationPolicy without rules: all is denied that no other one allows."""


class Predicate(Struct, frozen=True):
    decide: Callable[[RbacFacts], Verdict]
    because: Callable[[RbacFacts], str]
    wants: str


def any_predicate(predicates: tuple[Predicate, ...]) -> Predicate:
    if len(predicates) == 1:
        return predicates[0]

    def because(facts: RbacFacts) -> str:
        return _joined([one.because(facts) for one in predicates])

    wants = " or ".join([one.wants for one in predicates[:_MOST_ASKED]] + ["…"] * (len(predicates) > _MOST_ASKED))
    return Predicate(lambda facts: any_of(one.decide(facts) for one in predicates), because, f"({wants})")


def all_predicate(predicates: tuple[Predicate, ...]) -> Predicate:
    if len(predicates) == 1:
        return predicates[0]

    def because(facts: RbacFacts) -> str:
        verdicts = [(one.decide(facts), one) for one in predicates]
        failed = next((one for verdict, one in verdicts if verdict.is_no), None)
        failed = failed or next((one for verdict, one in verdicts if verdict.is_unknown), predicates[0])
        return failed.because(facts)

    wants = " and ".join(one.wants for one in predicates)
    return Predicate(lambda facts: all_of(one.decide(facts) for one in predicates), because, wants)


def not_predicate(inner: Predicate) -> Predicate:
    def because(facts: RbacFacts) -> str:
        verdict = inner.decide(facts)
        if verdict.is_unknown:
            return verdict.because
        return NEVER if inner.wants == ANYTHING else f"{inner.wants} holds; the opposite was asked"

    return Predicate(lambda facts: ~inner.decide(facts), because, f"not ({inner.wants})")


def _joined(reasons: list[str]) -> str:
    """Reasons about one subject are one sentence: `path is '/x'; exact '/a' or prefix '/b' was asked`."""
    split = [reason.partition("; ") for reason in dict.fromkeys(reasons)]
    if len({subject for subject, _, _ in split}) == 1 and all(rest.endswith(" was asked") for _, _, rest in split):
        wants = [rest.removesuffix(" was asked") for _, _, rest in split]
        more = [f"{len(wants) - _MOST_ASKED} more"] if len(wants) > _MOST_ASKED else []
        return f"{split[0][0]}; {' or '.join(wants[:_MOST_ASKED] + more)} was asked"
    return " · ".join(list(dict.fromkeys(reasons))[:_MOST_ASKED])


def never_known(why: str) -> Predicate:
    verdict = unknown(why)
    return Predicate(lambda _: verdict, lambda _: why, why)


def value_predicate(name: str, matcher: StringMatcher, value: Callable[[RbacFacts], str | None]) -> Predicate:
    """A StringMatcher on something that is there or not (then no)."""

    def decide(facts: RbacFacts) -> Verdict:
        found = value(facts)
        return NO if found is None else string_matches(matcher, found, facts.envoy)

    def because(facts: RbacFacts) -> str:
        found = value(facts)
        return f"{name} is {'absent' if found is None else repr(found)}; {pattern_words(matcher)} was asked"

    return Predicate(decide, because, f"{name} {pattern_words(matcher)}")
