from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshscope.cli.options.live import LiveOptions
from meshscope.cli.options.source import Source
from meshscope.listing.column import Column
from meshscope.listing.kind import Kind
from meshscope.listing.registry import KINDS, kind_named
from meshscope.listing.rows import Filter, Rows
from meshscope.listing.selection import Selection
from meshscope.tui.shell_line import Said, columns_said, not_said, said_of, shell_line

from ..mesh.meshes import recorded


def test_the_line_has_the_kind_the_selection_and_the_sources() -> None:
    selection = Selection(proxy="reviews-v1.default", name="9080", state="all", labels=(("app", "reviews"),))
    assert shell_line("routes", selection, ("demo", "more.yaml"), options=("--at", "2026-01-01"), wide=True) == (
        "meshscope get routes --proxy reviews-v1.default -l app=reviews --name 9080 --state all -o wide "
        "--from demo --from more.yaml --at 2026-01-01"
    )


def test_the_line_opens_the_sources_as_the_session_did() -> None:
    options = Source((), "istiod", live=LiveOptions(context="my cluster", ca_file="t", timeout=2.5)).options()
    assert shell_line("routes", Selection(), ("k8s:",), options=options) == (
        "meshscope get routes --from k8s: --view istiod --context 'my cluster' --ca-file t --timeout 2.5"
    )
    assert Source(("demo",), at="2026-01-01").options() == ("--at", "2026-01-01")
    assert Source(("demo",)).options() == ()


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1).filter(str.isprintable))
def test_a_printable_name_is_one_word_for_a_shell(name: str) -> None:
    words = shlex.split(shell_line("routes", Selection(name=name), ()))
    assert words == ["meshscope", "get", "routes", "--name", name]


@settings(max_examples=15)
@given(st.text(st.characters(min_codepoint=1, max_codepoint=0x7F), min_size=1))
def test_bash_reads_the_name_that_was_meant(name: str) -> None:
    line = shell_line("routes", Selection(name=name), ())
    assert line.isprintable()
    asked = subprocess.run(
        ["bash", "-c", line.replace("meshscope get routes --name", "printf %s", 1)], capture_output=True, check=True
    )
    assert asked.stdout == name.encode()


def columns_of(kind: Kind[Any]) -> dict[str, int]:
    return {column.title: index for index, column in enumerate(kind.columns)}


CLUSTERS = kind_named("clusters")
AT = columns_of(CLUSTERS)
EVERY = range(len(CLUSTERS.columns))


def test_filters_of_all_columns_are_greps() -> None:
    said = said_of(CLUSTERS, Selection(), [Filter("a'b"), Filter("-v1", is_inverse=True)], EVERY)
    assert said == Said(Selection(), """ | grep -iF -e 'a'"'"'b' | grep -viF -e -v1""")


def test_a_whole_cell_is_an_option_where_the_kind_has_it_and_else_a_grep_that_keeps_more() -> None:
    port, fuzzy = Filter("9080", AT["PORT"], is_whole=True), Filter("r.w", is_fuzzy=True)
    part = Filter("review", AT["SERVICE FQDN"])
    said = said_of(CLUSTERS, Selection(proxy="p"), [port, fuzzy, part], EVERY)
    assert said.selection == Selection(proxy="p", port=9080)
    assert said.pipe == " | grep -iE -e 'r.*\\..*w' | grep -iF -e review"
    assert said.nearest == (fuzzy, part)
    assert said.left == ()


@pytest.mark.parametrize(
    "one",
    [
        Filter("9080", AT["PORT"], is_whole=True, is_inverse=True),
        Filter("rvw", is_fuzzy=True, is_inverse=True),
        Filter("x", len(EVERY) + 2),
        Filter("\n"),
        Filter("", AT["SUBSET"], is_whole=True),
    ],
)
def test_what_would_lose_rows_is_left_out(one: Filter) -> None:
    assert said_of(CLUSTERS, Selection(), [one], EVERY) == Said(Selection(), left=(one,))


def test_a_second_value_of_an_option_does_not_take_the_place_of_the_first() -> None:
    one = Filter("80", AT["PORT"], is_whole=True)
    said = said_of(CLUSTERS, Selection(port=9080), [one], EVERY)
    assert said.selection.port == 9080
    assert said.nearest == (one,)


@pytest.mark.parametrize("word", [*KINDS, "virtualservices", "pods"])
def test_an_option_keeps_the_rows_that_the_cell_does(word: str) -> None:
    mesh = recorded("bookinfo")
    kind = kind_named(word, mesh)
    rows: Rows[Any] = Rows.of(kind, mesh, Selection())
    for index, column in enumerate(kind.columns):
        cells = {cell for row in rows if isinstance(cell := column.cell(row), (str, int))}
        for cell in sorted(map(str, cells))[:12]:
            one = Filter(cell, index, is_whole=True)
            said = said_of(kind, Selection(), [one], EVERY)
            if said.selection != Selection():
                kept = [rows.ids[position] for position in rows.matching([one], ())]
                assert kept == list(kind.ids(tuple(kind.rows(mesh, said.selection)))), (column.title, cell)


def test_grep_keeps_what_the_screen_keeps() -> None:
    lines = ["NAME PORT", "Reviews 9080", "ratings 9080", "reviews-v1 80"]
    pipe = said_of(CLUSTERS, Selection(), [Filter("reviews"), Filter("-v1", is_inverse=True)], EVERY).pipe
    ran = subprocess.run(["sh", "-c", f"cat{pipe}"], input="\n".join(lines), capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[0] == "Reviews 9080"
    assert ran.stdout.count("\n") == 1


@given(st.text("aZ.*[(\\\\|$^+?{é-", min_size=1, max_size=4))
@settings(max_examples=15)
def test_the_letters_of_a_fuzzy_filter_are_no_pattern(text: str) -> None:
    pipe = said_of(CLUSTERS, Selection(), [Filter(text, is_fuzzy=True)], EVERY).pipe
    lines = ["x".join(text), "nothing"]
    ran = subprocess.run(["sh", "-c", f"cat{pipe}"], input="\n".join(lines), capture_output=True, text=True, check=True)
    assert ran.stdout == lines[0] + "\n"


def test_what_the_line_lacks_is_told_by_name() -> None:
    columns = CLUSTERS.columns
    part, inverse = Filter("review", AT["SERVICE FQDN"]), Filter("80", AT["PORT"], is_whole=True, is_inverse=True)
    said = said_of(CLUSTERS, Selection(), [part, inverse], EVERY)
    assert list(not_said(said, columns, [columns[AT["TYPE"]]])) == [
        "grep looks in all columns, not only for service-fqdn:review: there may be more rows",
        "not in it: !port=80",
        "not in it: the column TYPE",
    ]
    assert list(not_said(Said(Selection()), columns, ())) == []


def test_columns_have_the_words_by_which_they_are_found_again() -> None:
    columns = [
        Column[Any](title, str) for title in ("SERVICE FQDN", "lb_policy", "spec.a", "a-b", "A B", " ", 'k="x,y"')
    ]
    assert columns_said(columns, [1, 0, 2]) == ("lb_policy", "service-fqdn", "spec.a")
    assert columns_said(columns, [3, 4]) == ("a-b", "A B"), "the word of one is the title of the other"
    assert columns_said(columns, [0, 5]) is None
    assert columns_said(columns, [6]) is None
