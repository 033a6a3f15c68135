"""Names from a dump are data: shown escaped to people, exact to programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .running import Answer

NAMES = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "two\nlines\r",
    "tab\tand\x00nul",
    "[bold red]rich[/bold red] and {braces}",
    "\u202egnp.exe",
    "zero\u200bwidth\ufeff",
    "\x9b2Jclear",
    "line\u2028separator",
    "café 路由 🦄",
)
SGR = re.compile("\x1b\\[[0-9;]*m")

Run = Callable[..., Answer]


@pytest.fixture
def hostile(tmp_path: Path, meshscope: Run) -> Run:
    """Runs a command line over a dump whose every name is one of NAMES."""
    clusters = [{"name": name, "type": "STATIC"} for name in NAMES]
    hosts = [
        {"name": name, "domains": [name], "routes": [{"match": {"prefix": f"/{name}"}, "route": {"cluster": name}}]}
        for name in NAMES
    ]
    table = {"name": NAMES[0], "virtual_hosts": hosts}
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "x",
        "route_config": table,
    }
    chains = [{"name": NAMES[0], "filters": [{"name": NAMES[1], "typed_config": manager}]}]
    listeners = [{"name": name, "filter_chains": chains} for name in NAMES]
    resources = {"clusters": clusters, "listeners": listeners}
    file = tmp_path / "en\u202evoy.json"
    file.write_text(json.dumps({"node": {"id": NAMES[0]}, "static_resources": resources}))
    return lambda *words, columns=None: meshscope(*words, "--from", str(file), columns=columns)


@pytest.mark.parametrize("columns", [None, 80, 200])
@pytest.mark.parametrize(
    "words",
    [
        ("get", "clusters"),
        ("get", "clusters", "-o", "wide"),
        ("get", "clusters", "-o", "name"),
        ("get", "routes", "-o", "wide"),
        ("get", "listeners", "-o", "wide"),
        ("get", "filterchains", "-o", "wide"),
        ("get", "proxies", "-o", "wide"),
        ("get", "bootstrap", "-o", "wide"),
        ("describe", "clusters", NAMES[0]),
        ("describe", "listeners", NAMES[2]),
        ("describe", "clusters", "re\x1bd"),
        ("find", NAMES[0], "-o", "wide"),
        ("find", NAMES[5]),
        ("find", "nowhere\x1b[0m"),
        ("get", "clusters", "--proxy", "nobody\x1b[0m"),
        ("get", "kind\x1b[0m"),
        ("verb\x1b[0m",),
        ("get", "clusters", "--name", "nothing\x1b[0m"),
        ("get", "clusters", "--sort-by", "field\x1b[0m"),
        ("get", "clusters", "--option\x1b[0m"),
    ],
)
def test_no_character_of_a_name_is_obeyed(words: tuple[str, ...], columns: int | None, hostile: Run) -> None:
    given = hostile(*words, columns=columns)
    assert given.out or given.err
    shown = SGR.sub("", given.out) if columns else given.out
    assert shown.replace("\n", "").isprintable()
    assert given.err.replace("\n", "").isprintable()
    assert "\\x1b" in given.out + given.err or "\\u202e" in given.out + given.err


def test_a_row_stays_on_its_line_and_markup_is_text(hostile: Run) -> None:
    lines = hostile("get", "clusters").out.splitlines()
    assert len(lines) == 1 + len(NAMES)
    assert any("[bold red]rich[/bold red] and {braces}" in line for line in lines)
    assert any("café 路由 🦄" in line for line in lines)


def test_json_jsonl_and_yaml_are_exact(hostile: Run) -> None:
    def names(rows: list[dict[str, str]]) -> list[str]:
        return sorted(row["name"] for row in rows)

    expected = sorted(NAMES)
    assert names(json.loads(hostile("get", "clusters", "-o", "json").out)["items"]) == expected
    assert names([json.loads(line) for line in hostile("get", "clusters", "-o", "jsonl").out.splitlines()]) == expected
    assert names(yaml.safe_load(hostile("get", "clusters", "-o", "yaml").out)["items"]) == expected


def test_jsonpath_is_exact_in_a_pipe_and_harmless_on_a_terminal(hostile: Run) -> None:
    template = "jsonpath={.items[0].name}"
    assert hostile("get", "clusters", "-o", template).out == NAMES[0] + "\n"
    assert hostile("get", "clusters", "-o", template, columns=80).out == r"\x1b[31mred\x1b[0m" + "\n"
