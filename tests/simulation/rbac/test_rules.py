"""Permissions and principals of requests; each row was answered so by Envoy 1.40."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Connection, Envoy, Peer
from meshscope.simulation.rbac.facts import RbacFacts
from meshscope.simulation.rbac.rules import permission, principal
from meshscope.xds.rbac import Permission, Principal

from ..reading import asking, read

CLIENT = Connection(source_ip="127.0.0.1", destination_ip="127.0.0.1", destination_port=80)
TEMPLATE = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"


def facts(path: str = "/p", *headers: tuple[str, str], **fields: Any) -> RbacFacts:
    known = {"request": asking(path, *headers, client_ip="127.0.0.1"), "connection": CLIENT}
    return RbacFacts(**{**known, **fields})


def header(**matcher: Any) -> dict[str, Any]:
    return {"header": {"name": "x-a", **matcher}}


ONE = {"string_match": {"exact": "1"}}


@pytest.mark.parametrize(
    ("rule", "path", "headers", "expected"),
    [
        (header(**ONE), "/p", (("x-a", "1"),), "yes"),
        (header(**ONE), "/p", (("x-a", "1"), ("x-a", "2")), "yes"),
        (header(**ONE, invert_match=True), "/p", (), "no"),
        (header(**ONE, invert_match=True), "/p", (("x-a", "2"),), "yes"),
        ({"not_rule": header(**ONE)}, "/p", (), "yes"),
        (header(present_match=False), "/p", (), "yes"),
        (header(string_match={"exact": ""}, treat_missing_header_as_empty=True), "/p", (), "yes"),
        ({"url_path": {"path": {"exact": "/p"}}}, "/p?x=1", (), "yes"),
        ({"url_path": {"path": {"exact": "/P", "ignore_case": True}}}, "/p", (), "yes"),
        ({"url_path": {"path": {"exact": "/q"}}}, "/q;z", (), "no"),
        ({"url_path": {"path": {"safe_regex": {"regex": "/p"}}}}, "/px", (), "no"),
        ({"uri_template": {"typed_config": {"@type": TEMPLATE, "path_template": "/a/{x}/*"}}}, "/a/b/c?q", (), "yes"),
        ({"uri_template": {"typed_config": {"@type": TEMPLATE, "path_template": "/a/{x}/*"}}}, "/a/b", (), "no"),
        ({"uri_template": {"typed_config": {"@type": "type.googleapis.com/acme.Paths"}}}, "/a", (), "unknown"),
        ({"destination_ip": {"address_prefix": "10.0.0.0"}}, "/p", (), "yes"),
        ({"requested_server_name": {"exact": ""}}, "/p", (), "yes"),
        (
            {"metadata": {"filter": "n", "path": [{"key": "k"}], "value": {"present_match": True}, "invert": True}},
            "/p",
            (),
            "yes",
        ),
        ({"matcher": {"typed_config": {"@type": "type.googleapis.com/acme.Matcher"}}}, "/p", (), "unknown"),
        ({}, "/p", (), "unknown"),
    ],
)
def test_a_permission_holds_as_in_envoy(rule: Any, path: str, headers: Any, expected: str) -> None:
    assert permission(read(Permission, rule)).decide(facts(path, *headers)).answer == expected


def test_path_parameters_are_cut_where_the_route_table_says_so() -> None:
    rule = permission(read(Permission, {"url_path": {"path": {"exact": "/a/b"}}}))
    assert rule.decide(facts("/a;x=1/b;y", ignore_path_parameters=True)).is_yes
    assert rule.decide(facts("/a;x=1/b;y")).is_no
    assert rule.decide(facts("/a;x=1/b;y", ignore_path_parameters=True, envoy=Envoy(version=(1, 34, 0)))).is_no


def test_older_envoys_see_repeated_headers_joined() -> None:
    rule = permission(read(Permission, header(**ONE)))
    twice = (("x-a", "1"), ("x-a", "2"))
    assert rule.decide(facts("/", *twice)).is_yes
    assert rule.decide(facts("/", *twice, envoy=Envoy(version=(1, 34, 0)))).is_no


@pytest.mark.parametrize(
    ("identity", "client", "secured", "expected"),
    [
        ({"authenticated": {}}, CLIENT, False, "no"),
        ({"authenticated": {}}, CLIENT, True, "yes"),
        ({"authenticated": {"principal_name": {"exact": ""}}}, Connection(peer=Peer(presented=False)), True, "yes"),
        ({"authenticated": {"principal_name": {"exact": ""}}}, Connection(), True, "unknown"),
        ({"not_id": {"authenticated": {"principal_name": {"exact": "x"}}}}, Connection(), True, "unknown"),
        ({"not_id": {"authenticated": {"principal_name": {"exact": "x"}}}}, CLIENT, False, "yes"),
        ({"remote_ip": {"address_prefix": "127.0.0.1", "prefix_len": 32}}, Connection(source_ip="9.9.9.9"), False, "yes"),
        ({"direct_remote_ip": {"address_prefix": "8.8.8.8", "prefix_len": 32}},
         Connection(source_ip="9.9.9.9", direct_source_ip="8.8.8.8"), False, "yes"),
        ({"source_ip": {"address_prefix": "9.9.9.9", "prefix_len": 32}},
         Connection(source_ip="9.9.9.9", direct_source_ip="8.8.8.8"), False, "yes"),
        ({"filter_state": {"key": "io.istio.peer_principal", "string_match": {"exact": "s"}}},
         Connection(peer=Peer(presented=True, uri_sans=("s",))), False, "yes"),
        ({"filter_state": {"key": "io.istio.peer_principal", "string_match": {"exact": "s"}}},
         Connection(), False, "unknown"),
        ({"filter_state": {"key": "other", "string_match": {"exact": "s"}}}, CLIENT, False, "unknown"),
        ({"custom": {"name": "c"}}, CLIENT, False, "unknown"),
    ],
)  # fmt: skip
def test_a_principal_holds_as_in_envoy(identity: Any, client: Connection, secured: bool, expected: str) -> None:
    found = principal(read(Principal, identity)).decide(facts(connection=client, secured=secured))
    assert found.answer == expected


def test_reasons_about_one_subject_are_one_sentence() -> None:
    either = {"or_rules": {"rules": [{"url_path": {"path": {kind: "/x"}}} for kind in ("exact", "prefix")]}}
    assert (
        permission(read(Permission, either)).because(facts("/p")) == "path is '/p'; exact '/x' or prefix '/x' was asked"
    )
    opposite = permission(read(Permission, {"not_rule": {"url_path": {"path": {"exact": "/p"}}}}))
    assert opposite.because(facts("/p")) == "path exact '/p' holds; the opposite was asked"


def test_a_rule_that_can_never_match_says_so() -> None:
    assert permission(read(Permission, {"not_rule": {"any": True}})).because(facts("/p")) == "it matches nothing"


RULES = st.recursive(
    st.sampled_from([{"any": True}, {"not_rule": {"any": True}}, {"matcher": {"name": "m"}}, header(**ONE)]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda rules: {"and_rules": {"rules": rules}}),
        st.lists(inner, min_size=1, max_size=3).map(lambda rules: {"or_rules": {"rules": rules}}),
        inner.map(lambda rule: {"not_rule": rule}),
    ),
    max_leaves=8,
)


@given(RULES, st.booleans())
def test_a_negation_is_kleenes_and_every_failure_has_its_reason(rule: dict[str, Any], has_header: bool) -> None:
    known = facts("/p", *((("x-a", "1"),) if has_header else ()))
    plain, negated = permission(read(Permission, rule)), permission(read(Permission, {"not_rule": rule}))
    verdict = plain.decide(known)
    assert negated.decide(known).answer == (~verdict).answer
    if not verdict.is_yes:
        assert plain.because(known)
