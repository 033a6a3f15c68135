"""An expected RBAC policy against one of a proxy, by meaning."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import Difference
from meshscope.effect.policies.authorization.terms import Term, joined, term_of, unquoted
from meshscope.xds.message import present
from meshscope.xds.rbac import Policy


def differences(mine: Policy, theirs: Policy, *, quoting_matters: bool = True) -> tuple[Difference, ...]:
    """None where both let the same requests match. Without `quoting_matters` backslashes in regular expressions are nothing."""
    if mine == theirs:
        return ()
    return tuple(_differences(mine, theirs, quoting_matters=quoting_matters))


def _differences(mine: Policy, theirs: Policy, *, quoting_matters: bool) -> Iterator[Difference]:
    for field, a, b in (
        ("permissions", map(term_of, mine.permissions), map(term_of, theirs.permissions)),
        ("principals", map(term_of, mine.principals), map(term_of, theirs.principals)),
    ):
        wanted, found = joined("or", a), joined("or", b)
        if not quoting_matters:
            wanted, found = unquoted(wanted), unquoted(found)
        if wanted != found:
            yield _difference(field, wanted, found)
    for name in ("condition", "checked_condition", "cel_config"):
        if present(getattr(theirs, name)):
            yield Difference(name, "", "set")
    if theirs.unread:
        yield Difference("policy", "", theirs.doubt)


def _difference(field: str, wanted: Term, found: Term) -> Difference:
    """Without what both ask."""
    first, second = _alternatives(wanted), _alternatives(found)
    left, right = first - second, second - first
    if len(left) == 1 and len(right) == 1:
        (a,), (b,) = left, right
        if a.op == "and" and b.op == "and":
            both = set(a.parts) & set(b.parts)
            left, right = {_rest(a, both)}, {_rest(b, both)}
    return Difference(field, _words(left), _words(right))


def _alternatives(term: Term) -> set[Term]:
    return set(term.parts) if term.op == "or" and term.parts else {term}


def _rest(term: Term, both: set[Term]) -> Term:
    return joined("and", (part for part in term.parts if part not in both))


def _words(terms: set[Term]) -> str:
    return str(joined("or", terms)) if terms else ""


def words(policy: Policy) -> str:
    """`permissions by principals` in one line."""
    what = joined("or", map(term_of, policy.permissions))
    return f"{what} by {joined('or', map(term_of, policy.principals))}"
