from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.recordings import BOOKINFO

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


CANARY = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http: [{name: all, timeout: 3s, route: [{destination: {host: reviews, subset: v3}}]}]
"""


def test_what_would_be_different_if_a_file_were_applied(meshscope: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "canary.yaml").write_text(CANARY)
    given = meshscope("effect", "--from", "demo", "--with", str(tmp_path))
    title, *rows = given.out.splitlines()
    assert given.code == 1
    assert title.split() == ["CHANGE", "WHAT", "NAME", "PROXIES", "DIFFERENCE", "BY"]
    assert [row.split()[:2] for row in rows] == [["changed", "route"], ["vanishes", "route"]] * 2
    assert "route.timeout 0s → 3s" in rows[0]


def test_changes_for_programs_and_of_one_proxy(meshscope: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "canary.yaml"
    file.write_text(CANARY)
    words = ("effect", "vs/reviews", "--proxy", "productpage", "--from", "demo", "--with", str(file), "-o", "json")
    rows = json.loads(meshscope(*words).out)["items"]
    assert {row["proxy"].partition("-")[0] for row in rows} == {"productpage"}
    assert {row["change"] for row in rows} == {"changed", "vanishes"}
    assert rows[0]["location"]["document"] == str(file)
    told = {one["field"]: (one["actual"], one["expected"]) for one in rows[0]["differences"]}
    assert told["route.timeout"] == ("0s", "3s")


def test_what_is_not_known_is_told_by_name(meshscope: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "filter.yaml"
    patches = "[{applyTo: BOOTSTRAP, patch: {operation: MERGE, value: {}}}]"
    file.write_text(
        "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: x}\n"
        f"spec: {{configPatches: {patches}}}\n"
    )
    given = meshscope("effect", "--from", "demo", "--with", str(file))
    assert given.code == 1
    assert "not known: EnvoyFilter default/x: configPatches[0]: what applies to BOOTSTRAP is not rebuilt" in given.err
    missing = json.loads(meshscope("effect", "--from", "demo", "--with", str(file), "-o", "json").out)["missing"]
    assert "EnvoyFilter default/x" in missing[0]


def test_a_file_that_says_nothing_new_changes_nothing(meshscope: Callable[..., Answer]) -> None:
    given = meshscope("effect", "--from", "demo", "--with", str(BOOKINFO / "manifests" / "istio.yaml"))
    assert given.code == 0
    assert "is in this input already, and says the same" in given.err


def test_an_object_that_another_one_stands_before_changes_nothing_and_that_is_said(
    meshscope: Callable[..., Answer], tmp_path: Path
) -> None:
    file = tmp_path / "second.yaml"
    spec = "{hosts: [reviews], http: [{route: [{destination: {host: ratings}}]}]}"
    file.write_text(
        f"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: second}}\nspec: {spec}\n"
    )
    given = meshscope("effect", "--from", "demo", "--with", str(file))
    assert (given.code, given.out) == (0, "")
    words = "not in effect: VirtualService default/second: http[0]: VirtualService default/reviews has the host"
    assert given.error_line.startswith(words)


def test_files_without_objects_and_files_that_are_not_there_are_one_line(
    meshscope: Callable[..., Answer], tmp_path: Path
) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("{}\n")
    for file, line in ((str(empty), "empty.yaml"), (str(tmp_path / "nothing"), "nothing")):
        given = meshscope("effect", "--from", "demo", "--with", file)
        assert given.code in (2, 4)
        assert line in given.error_line


def test_describe_says_what_each_rule_made_and_which_rule_made_a_thing(meshscope: Callable[..., Answer]) -> None:
    rules = (
        meshscope("describe", "vs/reviews", "--from", "demo").out.partition("\nrules\n")[2].partition("\nfields\n")[0]
    )
    assert [line.split()[:3] for line in rules.splitlines()] == [
        ["http[0]", "in", "effect"],
        ["http[0]", "in", "effect"],  # of port 80, which the service does not have
        ["http[1]", "in", "effect"],
        ["http[1]", "in", "effect"],
    ]
    assert "route/9080/reviews.default.svc.cluster.local:9080/1" in rules
    words = (
        "describe",
        "routes/9080/reviews.default.svc.cluster.local:9080/1",
        "--proxy",
        "productpage",
        "--from",
        "demo",
    )
    makers = meshscope(*words).out.partition("\nmade by\n")[2].splitlines()
    assert makers[0].startswith("  VirtualService default/reviews http[1]  in effect")
    assert "istio.yaml:83" in makers[0]
    told = json.loads(meshscope(*words, "-o", "json").out)["made_by"]
    assert [(one["object"], one["rule"], one["state"]) for one in told] == [
        ("VirtualService default/reviews", "http[1]", "in_effect")
    ]
