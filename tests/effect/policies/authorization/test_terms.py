from __future__ import annotations

import pytest

from meshscope.effect.policies.authorization.terms import ANY, NEVER, joined, leaf, negated, term_of, unquoted
from meshscope.xds.rbac import Permission, Principal

from ....simulation.reading import read
from ..small_mesh import Json

A, B, C = leaf("a"), leaf("b"), leaf("c")


def test_terms_are_flat_sorted_and_without_what_says_nothing() -> None:
    assert joined("and", [B, joined("and", [A, ANY]), A]) == joined("and", [A, B])
    assert joined("or", [A, NEVER]) == A
    assert joined("or", [A, ANY]) == ANY
    assert joined("and", [A, NEVER]) == NEVER
    assert joined("and", []) == ANY
    assert negated(negated(A)) == A
    assert (negated(ANY), negated(NEVER)) == (NEVER, ANY)


def test_and_is_not_or_and_not_is_not_nothing() -> None:
    assert joined("and", [A, B]) != joined("or", [A, B])
    assert negated(A) != A
    assert joined("or", [joined("and", [A, B]), C]) != joined("and", [joined("or", [A, B]), C])


def test_words_show_what_belongs_together() -> None:
    assert str(joined("or", [joined("and", [A, B]), negated(C)])) == "(a and b) or not (c)"
    assert (str(ANY), str(NEVER)) == ("any", "never")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"any": True}, "any"),
        ({}, "nothing"),
        ({"header": {"name": ":method", "string_match": {"exact": "GET"}}}, "header :method=GET"),
        ({"header": {"name": ":method", "exact_match": "GET"}}, "header :method=GET"),
        ({"destination_ip": {"address_prefix": "10.1.2.3", "prefix_len": 8}}, "destination address 10.0.0.0/8"),
        ({"destination_port_range": {"start": 1, "end": 9}}, "destination port in [1,9)"),
        ({"url_path": {"path": {"prefix": "/a"}}}, "path ^=/a"),
        ({"matcher": {"name": "m", "typed_config": {"@type": "x/example.M"}}}, "matcher example.M"),
        ({"brand_new": {}}, "a rule (field brand_new is not known to meshscope)"),
    ],
)
def test_what_a_permission_asks(value: Json, words: str) -> None:
    assert str(term_of(read(Permission, value))) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"authenticated": {}}, "any TLS client"),
        ({"source_ip": {"address_prefix": "fd00::", "prefix_len": 64}}, "source address fd00::/64"),
        ({"direct_remote_ip": {"address_prefix": "no", "prefix_len": 64}}, "peer address no/64"),
        ({"filter_state": {"key": "k", "string_match": {"exact": "v"}}}, "filter state k=v"),
        ({"custom": {"name": "c", "typed_config": {"@type": "x/example.C"}}}, "custom example.C"),
        ({"metadata": {"filter": "f", "path": [{"key": "k"}], "value": {"bool_match": True}}}, "metadata f[k] is true"),
        ({"metadata": {"filter": "f", "value": {"present_match": False}, "invert": True}}, "not (metadata f absent)"),
        ({"metadata": {"filter": "f", "value": {"double_match": {"exact": 1.5}}}}, "metadata f = 1.5"),
        ({"metadata": {"filter": "f", "value": {"double_match": {"range": {"end": 2}}}}}, "metadata f in [0.0,2.0)"),
        ({"metadata": {"filter": "f"}}, "metadata f null"),
    ],
)
def test_who_a_principal_is(value: Json, words: str) -> None:
    assert str(term_of(read(Principal, value))) == words


def test_several_values_in_one_matcher_are_a_matcher_for_each() -> None:
    def asked(value: Json) -> Json:
        return {"metadata": {"filter": "f", "path": [{"key": "k"}], "value": value}}

    a, b = {"string_match": {"exact": "a"}}, {"string_match": {"exact": "b"}}
    both = asked({"list_match": {"one_of": {"or_match": {"value_matchers": [b, a]}}}})
    each = {"or_ids": {"ids": [asked({"list_match": {"one_of": one}}) for one in (a, b)]}}
    assert term_of(read(Principal, both)) == term_of(read(Principal, each))
    assert term_of(read(Principal, both)) != term_of(read(Principal, asked({"or_match": {"value_matchers": [a, b]}})))


def test_without_quotes_a_dot_is_a_dot() -> None:
    assert unquoted(leaf(r"principal ~te\.am\[0\]")) == leaf("principal ~te.am[0]")
    assert unquoted(leaf(r"principal ~\d")) == leaf(r"principal ~\d")
