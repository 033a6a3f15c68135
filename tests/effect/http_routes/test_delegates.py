from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from meshscope.effect.http_routes.delegates import Rule, rules_of
from meshscope.istio.decoding import decode_slice
from meshscope.istio.objects.virtual_service import VirtualService


def service(**spec: Any) -> VirtualService:
    found = decode_slice(Raw(msgspec.json.encode({"spec": spec})), VirtualService, "test")
    assert isinstance(found, VirtualService)
    return found


def merged(root: dict[str, Any], *leaves: dict[str, Any], **delegate: Any) -> list[Rule]:
    """The rules of a root with one rule that delegates to these."""
    whole = service(hosts=["a"], http=[{"delegate": {"name": "leaf"}, **root}])
    leaf = service(http=list(leaves), **delegate)
    return list(rules_of(whole, "default", lambda _, name: leaf if name == "leaf" else None))


def test_rules_of_the_delegate_stand_in_the_place_of_the_one_that_names_it() -> None:
    first, second = merged({"name": "root", "timeout": "3s"}, {"name": "one"}, {"timeout": "1s"})
    assert (first.route.name, first.route.timeout, first.origin) == ("root-one", "3s", ("spec", "http", 0))
    assert (second.route.name, second.route.timeout, second.origin) == ("root", "1s", ("spec", "http", 1))
    assert {first.path, second.path} == {("spec", "http", 0)}
    assert {first.namespace, second.namespace} == {"default"}


def test_conditions_of_both_have_to_hold() -> None:
    (rule,) = merged(
        {"match": [{"uri": {"prefix": "/a"}, "port": 80}, {"uri": {"prefix": "/b"}}]},
        {"match": [{"uri": {"prefix": "/a/b"}, "headers": {"x": {"exact": "1"}}}]},
    )
    (match,) = rule.route.match
    assert match.uri is not None
    assert (match.uri.prefix, match.port, list(match.headers)) == ("/a/b", 80, ["x"])


def test_what_one_of_both_does_not_ask_the_other_asks_alone() -> None:
    (rule,) = merged({"match": [{"uri": {"prefix": "/a"}}]}, {"name": "all"})
    assert [match.uri and match.uri.prefix for match in rule.route.match] == ["/a"]
    (rule,) = merged({}, {"match": [{"uri": {"exact": "/x"}}]})
    assert [match.uri and match.uri.exact for match in rule.route.match] == ["/x"]


@pytest.mark.parametrize(
    ("root", "leaf"),
    [
        ({"uri": {"prefix": "/a"}}, {"uri": {"prefix": "/b"}}),
        ({"uri": {"prefix": "/a"}}, {"uri": {"regex": "/a.*"}}),
        ({"uri": {"exact": "/a"}}, {"uri": {"prefix": "/a"}}),
        ({"port": 80}, {"port": 81}),
        ({"headers": {"x": {"exact": "1"}}}, {"headers": {"x": {"exact": "2"}}}),
        ({"sourceLabels": {"app": "a"}}, {"sourceLabels": {"app": "b"}}),
        ({"sourceNamespace": "a"}, {"sourceNamespace": "b"}),
        ({"ignoreUriCase": True}, {}),
    ],
)
def test_a_match_that_fits_none_of_the_roots_drops_its_rule(root: dict[str, Any], leaf: dict[str, Any]) -> None:
    (rule,) = merged({"match": [root]}, {"match": [leaf]})
    assert rule.problem == "no match of delegate default/leaf fits one of this rule"


def test_one_match_that_does_not_fit_drops_the_others_of_its_rule() -> None:
    kept, *rest = merged(
        {"match": [{"uri": {"prefix": "/a"}}]},
        {"name": "gone", "match": [{"uri": {"prefix": "/a/1"}}, {"uri": {"prefix": "/b"}}]},
        {"name": "kept", "match": [{"uri": {"prefix": "/a/2"}}]},
    )
    assert (kept.route.name, rest) == ("kept", [])


def test_a_delegate_has_to_exist_and_has_no_hosts() -> None:
    (missing,) = merged({"delegate": {"name": "other", "namespace": "x"}})
    assert missing.problem == "delegate x/other does not exist"
    (root,) = merged({}, {"name": "a"}, hosts=["b"])
    assert root.problem == "delegate default/leaf has hosts of its own"


@pytest.mark.parametrize(("number", "is_open"), [(100, False), (101, True)])
def test_more_pairs_of_matches_than_a_proxy_could_hold_are_not_worked_out(number: int, is_open: bool) -> None:
    matches = [{"uri": {"prefix": f"/{n}"}} for n in range(10)]
    rules = merged(
        {"match": matches}, *[{"match": [{"uri": {"exact": f"/0/{n}"}} for n in range(100)]} for _ in range(number)]
    )
    assert [bool(rule.problem) and rule.is_open for rule in rules] == ([True] if is_open else [False] * number)
    assert not is_open or "more than 100,000 pairs" in rules[0].problem
