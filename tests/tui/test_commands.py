"""What a line behind `:` means."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.listing.selection import Selection
from meshscope.tui import commands
from meshscope.tui.session import Session

from ..mesh import meshes

MESH = meshes.recorded("bookinfo")
SESSION = Session(MESH, ("demo",), contexts=lambda: ["prod", "test"])
PRODUCTPAGE = "productpage-v1-12eae82901-8b536.default"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("q", commands.Quit()),
        ("home", commands.ShowHome()),
        ("routes", commands.ShowList("routes", Selection())),
        ("r productpage", commands.ShowList("routes", Selection(proxy="productpage"))),
        ("find 10.20.0.21", commands.ShowSearch("10.20.0.21")),
        ("find two words", commands.ShowSearch("two words")),
        ("trace", commands.ShowTrace(None)),
        ("effect", commands.ShowEffect("")),
        ("effect vs/reviews", commands.ShowEffect("VirtualService default/reviews")),
        ("effect dr reviews.default", commands.ShowEffect("DestinationRule default/reviews")),
    ],
)
def test_a_line_is_understood(line: str, expected: commands.Command) -> None:
    assert commands.command_of(line, MESH) == expected


def test_a_trace_is_asked_as_on_the_command_line() -> None:
    found = commands.command_of("trace productpage reviews -H 'end-user: jason'", MESH)
    assert isinstance(found, commands.ShowTrace)
    assert found.request is not None
    assert (found.request.source, found.request.dest) == ("productpage", "reviews")
    assert found.request.headers == (("end-user", "jason"),)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "type a kind"),
        ("rotes", "routes"),
        ("routes nosuch", "no proxy 'nosuch'"),
        ("routes a b", "one name at most"),
        ("find 'open", "No closing quotation"),
        ("effect vs", "the name is missing"),
        ("effect vs/nosuch", "nosuch"),
        ("effect routes/80", "routes are a proxy's"),
        ("effect vs reviews default", "effect takes one object"),
    ],
)
def test_what_is_no_command_is_told_in_one_line(line: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        commands.command_of(line, MESH)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=30))
def test_no_line_raises_anything_but_a_usage_error(line: str) -> None:
    try:
        commands.command_of(line, MESH)
    except UsageError:
        return


def test_a_beginning_is_completed_to_whole_lines() -> None:
    assert "routes" in list(commands.completions("rou", SESSION))
    assert f"routes {PRODUCTPAGE}" in list(commands.completions("routes prod", SESSION))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from demo", commands.SwitchSources(("demo",))),
        ("from k8s:prod 'my dir'", commands.SwitchSources(("k8s:prod", "my dir"))),
        ("ns default", commands.SwitchNamespace("default")),
        ("ns all", commands.SwitchNamespace("")),
        ("ns", commands.ShowList("namespaces", Selection())),
    ],
)
def test_sources_and_namespaces_are_switched(line: str, expected: commands.Command) -> None:
    assert commands.command_of(line, MESH) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [("from", "as in: from demo"), ("ns defualt", "did you mean default?"), ("ns default shop", "one namespace")],
)
def test_a_source_or_namespace_that_is_wrong_is_told(line: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        commands.command_of(line, MESH)
    assert words in str(caught.value)


def test_sources_namespaces_and_proxies_are_completed(tmp_path: Path) -> None:
    def found(line: str, session: Session = SESSION) -> list[str]:
        return list(commands.completions(line, session))

    (tmp_path / "dumps").mkdir()
    (tmp_path / "dump.json").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "dump of today.json").touch()
    assert found("from de") == ["from demo"]
    assert found("from demo k8s:p") == ["from demo k8s:prod"]
    assert found(f"from {tmp_path}/du") == [f"from {tmp_path}/dumps/", f"from {tmp_path}/dump.json"]
    assert found(f"from {tmp_path}/") == found(f"from {tmp_path}/du")
    assert found("from /nowhere/") == []
    assert found("ns d") == ["ns default"]
    assert "ns all" in found("ns a")
    narrowed = replace(SESSION, namespace="istio-system")
    assert found("routes product", narrowed) == []
    assert found("routes istio-i", narrowed) == ["routes istio-ingressgateway-bc70f77432-0efe7.istio-system"]


def test_objects_are_completed_behind_effect() -> None:
    found = list(commands.completions("effect ", SESSION))
    assert "effect virtualservice/" in found
    assert not any("service/reviews" in each for each in found)
    assert list(commands.completions("effect vs/rev", SESSION)) == ["effect vs/reviews.default"]
    assert list(commands.completions("effect routes/", SESSION)) == []
    assert list(commands.completions("effect nosuch/", SESSION)) == []
