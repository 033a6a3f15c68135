"""Each cell is the answer of an Envoy 1.40."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy
from meshscope.simulation.connection_manager.canonical_path import canonical_path, without_dot_parameters
from meshscope.simulation.connection_manager.path_normalisation import normalise_path
from meshscope.simulation.endings import End
from meshscope.simulation.outcome import StageContext
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking

NORMALIZE: dict[str, Any] = {"normalize_path": True}
MERGE: dict[str, Any] = {"merge_slashes": True}
BOTH = {**NORMALIZE, **MERGE}


def escaped(action: str) -> dict[str, Any]:
    return {"path_with_escaped_slashes_action": action}


REJECT, REDIRECT, FORWARD = escaped("REJECT_REQUEST"), escaped("UNESCAPE_AND_REDIRECT"), escaped("UNESCAPE_AND_FORWARD")
FORWARD_NORMALIZE = {**FORWARD, **NORMALIZE}


def result_of(
    path: str, config: dict[str, Any], *headers: tuple[str, str], stage: StageContext | None = None
) -> str | tuple[int, str | None]:
    """The new path; code and location where Envoy answers."""
    value = normalise_path(HttpConnectionManager(**config), asking(path, *headers), stage or StageContext()).value
    if not isinstance(value, End):
        return value.path
    assert value.response is not None
    assert (value.response.flags, value.response.details) == ("-", "path_normalization_failed")
    assert value.disposition == ("redirect" if value.response.code == 307 else "protocol_error")
    return value.response.code, value.response.location


SAME, BAD = None, (400, None)
TABLE: list[tuple[str, Any, Any, Any, Any, Any]] = [
    ("/a/../b", "/b", SAME, SAME, SAME, "/b"),
    ("/a/./b", "/a/b", SAME, SAME, SAME, "/a/b"),
    ("//a//b", SAME, "/a/b", SAME, SAME, SAME),
    ("/a//../b", "/a/b", "/a/../b", SAME, SAME, "/a/b"),
    ("/../x", "/x", SAME, SAME, SAME, "/x"),
    ("/a\\b", "/a/b", SAME, SAME, SAME, "/a/b"),
    ("/a%2Fb", SAME, SAME, BAD, (307, "/a/b"), "/a/b"),
    ("/a%2fb%5Cc?x=%2F", SAME, SAME, BAD, (307, "/a/b\\c?x=%2F"), "/a/b/c?x=%2F"),
    ("/%61", "/a", SAME, SAME, SAME, "/a"),
    ("/%41%2d", "/A-", SAME, SAME, SAME, "/A-"),
    ("/a%7Eb", "/a~b", SAME, SAME, SAME, "/a~b"),
    ("/a%2E%2e/b", "/a../b", SAME, SAME, SAME, "/a../b"),
    ("/a/%2e%2e/b", "/b", SAME, SAME, SAME, "/b"),
    ("/%zz", SAME, SAME, SAME, SAME, SAME),
    ("/a%20b", SAME, SAME, SAME, SAME, SAME),
    ("/a%00b", BAD, SAME, SAME, SAME, BAD),
]
CONFIGS = (NORMALIZE, MERGE, REJECT, REDIRECT, FORWARD_NORMALIZE)


@pytest.mark.parametrize(
    ("path", "config", "result"),
    [
        (row[0], config, row[0] if cell is SAME else cell)
        for row in TABLE
        for config, cell in zip(CONFIGS, row[1:], strict=True)
    ],
)
def test_each_setting_makes_its_change_and_no_other(path: str, config: dict[str, Any], result: Any) -> None:
    assert result_of(path, config) == result
    assert result_of(path, {}) == path


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("/.", "/"), ("/..", "/"), ("/a/.", "/a/"), ("/a/..", "/"), ("/..a", "/..a"), ("/a/.b", "/a/.b"),
        ("/a/...", "/a/..."), ("/%2e%2E/x", "/x"), ("/a/.%2e", "/"), ("/a\\..\\b", "/b"), ("/a/%5c../b", "/a/%5c../b"),
        ("/a?../b", "/a?../b"), ("/%", "/%"), ("/%2", "/%2"), ("/%2e%2e%2fb", "/..%2fb"), ("/a;/../b", "/b"),
        ("/./././", "/"), ("/a/b/../../../../c", "/c"), ("//..", "/"), ("/a//./b", "/a//b"), ("/.?x", "/?x"),
        ('/a"<>^`{|}b', "/a%22%3C%3E%5E%60%7B%7C%7Db"), ("/aéb", "/a%C3%A9b"), ("/a[b]c", "/a[b]c"),
    ],
)  # fmt: skip
def test_the_canonical_form_of_a_path(path: str, result: str) -> None:
    assert result_of(path, NORMALIZE) == result


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("/a/..;/b", "/b"), ("/a/.;/b", "/a/b"), ("/a/..;x=1/b", "/b"), ("/a/..;", "/"), ("/a/%2e%2e;/b", "/a/..;/b"),
        ("/a/...;/b", "/a/...;/b"), ("/a/b;/../c", "/a/c"), ("/a/..;\\b", "/"), ("/a/..;x?..;y", "/?..;y"),
        ("/a/.;..;/b", "/a/b"),
    ],
)  # fmt: skip
def test_dot_segments_lose_their_parameters_since_august_2026(path: str, result: str) -> None:
    assert result_of(path, NORMALIZE) == result
    off = Envoy(runtime={"envoy.reloadable_features.strip_dotdot_segments_with_parameters": False})
    for envoy in (off, Envoy((1, 36, 9)), Envoy((1, 39, 0))):
        assert result_of("/a/..;/b", NORMALIZE, stage=StageContext(envoy)) == "/a/..;/b"
    for version in ((1, 36, 10), (1, 39, 1), (1, 40, 0)):
        assert result_of("/a/..;/b", NORMALIZE, stage=StageContext(Envoy(version))) == "/b"


@pytest.mark.parametrize(
    ("path", "result"),
    [("//", "//"), ("///", "//"), ("//a//", "/a/"), ("/a//?x//y", "/a/?x//y"), ("/a/b", "/a/b")],
)
def test_merged_slashes_keep_the_first_and_the_last(path: str, result: str) -> None:
    assert result_of(path, MERGE) == result


def test_slashes_are_merged_after_the_path_is_canonical() -> None:
    assert result_of("/a//./b", BOTH) == "/a/b"
    assert result_of("/a%2f%2f..%2fb", {**BOTH, **REDIRECT}) == (307, "/a/b")


def test_grpc_is_refused_where_others_are_redirected() -> None:
    assert result_of("/a%2fb", REDIRECT, ("content-type", "application/grpc")) == (200, None)


@pytest.mark.parametrize(
    ("envoy", "result"),
    [
        (Envoy(), BAD),
        (Envoy(runtime={"envoy.reloadable_features.http_reject_path_with_fragment": False}), "/a"),
        (Envoy((1, 18, 4)), BAD),
        (Envoy((1, 19, 0)), "/a#b?c"),
        (Envoy((1, 19, 1)), BAD),
    ],
)
def test_a_fragment_is_refused_removed_or_kept(envoy: Envoy, result: Any) -> None:
    assert result_of("/a#b?c", {}, stage=StageContext(envoy)) == result


@pytest.mark.parametrize(
    ("runtime", "path", "result"),
    [
        ({"http_connection_manager.path_with_escaped_slashes_action": 2}, "/a%2fb", BAD),
        ({"http_connection_manager.path_with_escaped_slashes_action": 3}, "/a%2fb", (307, "/a/b")),
        ({"http_connection_manager.path_with_escaped_slashes_action": 4}, "/a%2fb", "/a/b"),
        ({"http_connection_manager.path_with_escaped_slashes_action": 1}, "/a%2fb", "/a%2fb"),
        ({"http_connection_manager.normalize_path": 100}, "/a/../b", "/b"),
        ({"http_connection_manager.normalize_path": True}, "/a/../b", "/b"),
        ({"http_connection_manager.normalize_path": 0}, "/a/../b", "/a/../b"),
    ],
)
def test_runtime_decides_where_the_configuration_does_not(runtime: dict[str, Any], path: str, result: Any) -> None:
    assert result_of(path, {}, stage=StageContext(Envoy(runtime=runtime))) == result


def test_runtime_does_not_overrule_the_configuration_but_can_switch_escaped_slashes_off() -> None:
    normalize = StageContext(Envoy(runtime={"http_connection_manager.normalize_path": 100}))
    assert result_of("/a/../b", {"normalize_path": False}, stage=normalize) == "/a/../b"
    off = StageContext(Envoy(runtime={"http_connection_manager.path_with_escaped_slashes_action_enabled": 0}))
    assert result_of("/a%2fb", REJECT, stage=off) == "/a%2fb"


@pytest.mark.parametrize(
    ("config", "share", "assumed"),
    [({}, 50, True), ({}, 100, False), ({}, 0, False), (NORMALIZE, 50, False)],
)
def test_a_runtime_share_is_an_assumption(config: dict[str, Any], share: int, *, assumed: bool) -> None:
    envoy = Envoy(runtime={"http_connection_manager.normalize_path": share})
    outcome = normalise_path(HttpConnectionManager(**config), asking("/a/../b"), StageContext(envoy))
    assert bool(outcome.assuming) is assumed


def test_a_share_of_escaped_slashes_is_an_assumption_too() -> None:
    envoy = Envoy(runtime={"http_connection_manager.path_with_escaped_slashes_action_enabled": 30})
    assert normalise_path(HttpConnectionManager(**REJECT), asking("/a%2fb"), StageContext(envoy)).assuming
    assert not normalise_path(HttpConnectionManager(**REJECT), asking("/a%2fb"), StageContext(Envoy())).assuming


PATHS = st.lists(st.sampled_from(["/", ".", "..", "%2e", "a", ";", "\\", "%2f", "%", "é", "{"])).map(
    lambda p: "/" + "".join(p)
)


@given(PATHS)
def test_a_canonical_path_has_no_dot_segments_and_stays_as_it_is(path: str) -> None:
    canonical = canonical_path(path)
    assert canonical is not None
    assert not {".", ".."} & set(canonical.split("/"))
    assert canonical_path(canonical) == canonical
    assert canonical.isascii()


@given(PATHS)
def test_only_dot_segments_lose_their_parameters(path: str) -> None:
    for before, after in zip(path.split("/"), without_dot_parameters(path).split("/"), strict=True):
        assert after == (before.partition(";")[0] if before.startswith((".;", "..;")) else before)
