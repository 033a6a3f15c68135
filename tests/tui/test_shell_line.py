from __future__ import annotations

import shlex
import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from meshscope.cli.live_options import LiveOptions
from meshscope.cli.source_options import Source
from meshscope.listing.rows import Filter
from meshscope.listing.selection import Selection
from meshscope.tui.shell_line import grep_of, shell_line


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


def test_filters_of_all_columns_are_greps_and_the_others_are_counted() -> None:
    kept = [Filter("a'b"), Filter("-v1", is_inverse=True)]
    assert grep_of(kept) == (""" | grep -iF -e 'a'"'"'b' | grep -viF -e -v1""", 0)
    assert grep_of([Filter("9080", 2, is_whole=True), Filter("rvw", is_fuzzy=True), Filter("\n")]) == ("", 3)


def test_grep_keeps_what_the_screen_keeps() -> None:
    lines = ["NAME PORT", "Reviews 9080", "ratings 9080", "reviews-v1 80"]
    pipe, _ = grep_of([Filter("reviews"), Filter("-v1", is_inverse=True)])
    ran = subprocess.run(["sh", "-c", f"cat{pipe}"], input="\n".join(lines), capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[0] == "Reviews 9080"
    assert ran.stdout.count("\n") == 1
