from __future__ import annotations

import json
from collections.abc import Callable

from .running import Answer


def test_one_object_rule_by_rule(meshscope: Callable[..., Answer]) -> None:
    given = meshscope("effect", "vs/reviews", "--from", "demo")
    assert given.code == 0
    title, *rows = given.out.splitlines()
    assert title.split() == ["RULE", "STATE", "PROXIES", "BECAUSE"]
    assert [row.split()[:3] for row in rows] == [["http[0]", "in", "effect"], ["http[1]", "in", "effect"]]
    assert all("8 proxies" in row for row in rows)


def test_all_objects_the_worst_first(meshscope: Callable[..., Answer]) -> None:
    given = meshscope("effect", "--from", "demo", "-o", "json")
    rows = json.loads(given.out)["items"]
    assert {row["state"] for row in rows} == {"in_effect"}
    assert "VirtualService default/reviews" in [row["object"] for row in rows]


def test_rows_for_programs_have_the_fields_of_the_contract(meshscope: Callable[..., Answer]) -> None:
    rows = json.loads(meshscope("effect", "dr/reviews", "--from", "demo", "-o", "json").out)["items"]
    for row in rows:
        assert {"rule", "proxy", "state", "expected", "actual", "because", "location"} <= row.keys()
        assert row["location"]["line"]


def test_the_answer_no_is_exit_code_1(meshscope: Callable[..., Answer]) -> None:
    given = meshscope("effect", "vs/bookinfo", "--proxy", "ratings", "--from", "demo")
    assert given.code == 1
    assert "it is for the Gateways default/bookinfo alone" in given.out


def test_what_is_not_asked_well_is_one_line_with_the_near_word(meshscope: Callable[..., Answer]) -> None:
    for words, line in (
        (("vs/revews",), "no virtualservice 'revews'; did you mean reviews.default"),
        (("vs",), "effect vs: the name is missing, as in vs/NAME"),
        (("routes/9080",), "effect is of objects that people write"),
        (("vs/reviews", "--proxy", "nobody"), "nobody"),
    ):
        given = meshscope("effect", *words, "--from", "demo")
        assert given.code == 2
        assert line in given.err
        assert given.err.count("\n") == 1
