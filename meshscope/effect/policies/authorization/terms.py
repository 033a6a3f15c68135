"""What an RBAC policy asks, as a term of words: policies that mean the same have the same term.

Order, nesting and repetition have no meaning, nor has the spelling of a network or of a matcher.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from typing import Any

from msgspec import Struct

from meshscope.simulation.matching.uri_template import path_template
from meshscope.xds.address import CidrRange
from meshscope.xds.extension import Extension
from meshscope.xds.matcher import HeaderMatcher, MetadataMatcher
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.rbac import Authenticated, Permission, Principal
from meshscope.xds.value_matcher import ValueMatcher


class Term(Struct, frozen=True, order=True):
    """`op` is `is` with `text`, `not`, `and`, `or` of `parts`; `and` of nothing is `any`, `or` of nothing never holds."""

    op: str
    text: str = ""
    parts: tuple[Term, ...] = ()

    def __str__(self) -> str:
        if self.op == "is":
            return self.text
        if self.op == "not":
            return f"not ({self.parts[0]})"
        if not self.parts:
            return "any" if self.op == "and" else "never"
        return f" {self.op} ".join(f"({one})" if one.op in ("and", "or") else str(one) for one in self.parts)


ANY, NEVER = Term("and"), Term("or")


def leaf(text: str) -> Term:
    return Term("is", text)


def negated(term: Term) -> Term:
    if term.op == "not":
        return term.parts[0]
    return {ANY: NEVER, NEVER: ANY}.get(term) or Term("not", "", (term,))


def joined(op: str, terms: Iterable[Term]) -> Term:
    """`and` or `or` of terms, flat, each once and in one order."""
    neutral, decisive = (ANY, NEVER) if op == "and" else (NEVER, ANY)
    parts: set[Term] = set()
    for term in terms:
        parts.update(term.parts if term.op == op else (term,))
    if decisive in parts:
        return decisive
    parts.discard(neutral)
    return next(iter(parts)) if len(parts) == 1 else Term(op, "", tuple(sorted(parts)))


def unquoted(term: Term) -> Term:
    """The same without backslashes before the characters that Go quotes in regular expressions."""
    text = re.sub(r"\\([\\.+*?()|\[\]{}^$])", r"\1", term.text)
    return Term(term.op, text, tuple(sorted(unquoted(one) for one in term.parts)))


# --- of Envoy's messages -------------------------------------------------------------------------------------------


def term_of(one: Permission | Principal) -> Term:
    """One of the fields is set; a field that is not known to this program is part of the words."""
    if one.unread:
        return leaf(one.with_doubt("a rule"))
    asked = [(field, getattr(one, field, None)) for field in _TERMS]
    terms = [_TERMS[field](value) for field, value in asked if value is not None]
    return joined("and", terms) if terms else leaf("nothing")


def _any(value: bool) -> Term:
    return ANY if value else NEVER


def _template(one: Extension) -> str:
    found = path_template(one)
    return found.why if isinstance(found, Undecodable) else found


def _header(one: HeaderMatcher) -> Term:
    return leaf(f"header {one}{' (missing is empty)' if one.treat_missing_header_as_empty else ''}")


def _network(one: CidrRange) -> str:
    try:
        return str(ip_network(f"{one.address_prefix}/{one.prefix_len}", strict=False))
    except ValueError:
        return f"{one.address_prefix}/{one.prefix_len}"


def _authenticated(one: Authenticated) -> Term:
    return leaf(f"principal {one.principal_name}" if one.principal_name else "any TLS client")


def _metadata(one: MetadataMatcher) -> Term:
    """Of several values in one matcher as of a matcher for each."""
    keys = "".join(f"[{segment.key}]" for segment in one.path)
    value = decode(one.value, ValueMatcher) if present(one.value) else ValueMatcher()
    where = f"metadata {one.filter}{keys}{f' ({one.doubt})' if one.unread else ''}"
    term = leaf(f"{where} {value.why}") if isinstance(value, Undecodable) else _value(value, where)
    return negated(term) if one.invert else term


def _value(one: ValueMatcher, where: str) -> Term:
    if one.or_match is not None:
        return joined("or", (_value(each, where) for each in one.or_match.value_matchers))
    if one.list_match is not None and one.list_match.one_of is not None:
        return _value(one.list_match.one_of, f"{where} has")
    return leaf(one.with_doubt(f"{where} {_plain_value(one)}"))


def _plain_value(one: ValueMatcher) -> str:
    if one.string_match is not None:
        return str(one.string_match)
    if one.present_match is not None:
        return "present" if one.present_match else "absent"
    if one.bool_match is not None:
        return f"is {str(one.bool_match).lower()}"
    if one.double_match is not None:
        span = one.double_match.range
        return f"in [{span.start},{span.end})" if span else f"= {one.double_match.exact}"
    return "null"


_TERMS: dict[str, Callable[[Any], Term]] = {
    "any": _any,
    "and_rules": lambda one: joined("and", map(term_of, one.rules)),
    "or_rules": lambda one: joined("or", map(term_of, one.rules)),
    "not_rule": lambda one: negated(term_of(one)),
    "and_ids": lambda one: joined("and", map(term_of, one.ids)),
    "or_ids": lambda one: joined("or", map(term_of, one.ids)),
    "not_id": lambda one: negated(term_of(one)),
    "header": _header,
    "metadata": _metadata,
    "sourced_metadata": lambda one: leaf(f"{one.metadata_source} {_metadata(one.metadata_matcher)}"),
    "url_path": lambda one: leaf(f"path {one.path or ''}"),
    "uri_template": lambda one: leaf(f"path template {_template(one)}"),
    "destination_ip": lambda one: leaf(f"destination address {_network(one)}"),
    "destination_port": lambda one: leaf(f"destination port {one}"),
    "destination_port_range": lambda one: leaf(f"destination port in [{one.start},{one.end})"),
    "requested_server_name": lambda one: leaf(f"SNI {one}"),
    "matcher": lambda one: leaf(f"matcher {one.type_name}"),
    "authenticated": _authenticated,
    "source_ip": lambda one: leaf(f"source address {_network(one)}"),
    "direct_remote_ip": lambda one: leaf(f"peer address {_network(one)}"),
    "remote_ip": lambda one: leaf(f"remote address {_network(one)}"),
    "filter_state": lambda one: leaf(str(one)),
    "custom": lambda one: leaf(f"custom {one.type_name}"),
}
"""By the fields of Permission and Principal."""
