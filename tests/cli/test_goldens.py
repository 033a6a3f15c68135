"""Whole outputs as people and programs get them: one file for each verb, format and width.

MESHSCOPE_UPDATE_GOLDENS=1 writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import GOLDEN
from .running import Answer

ONE = ("--proxy", "productpage")
TABLES = {
    "proxies": (),
    "listeners": ONE,
    "filterchains": ONE,
    "routes": ONE,
    "clusters": ONE,
    "endpoints": (),
    "secrets": ("-q",),
    "bootstrap": (),
    "services": (),
    "virtualservices": (),
    "pods": (),
}
FORMATS = ("wide", "json", "jsonl", "yaml", "name")
TEMPLATE = 'jsonpath={range .items[*]}{.virtual_host}{"\\t"}{.action} {.cluster}{"\\n"}{end}'
ROUTES = ("get", "routes", *ONE, "--name", "9080")

CASES: dict[str, tuple[tuple[str, ...], int | None]] = {
    **{
        f"get-{kind}.{columns}.txt": (("get", kind, *filters, "--no-color"), columns)
        for kind, filters in TABLES.items()
        for columns in (80, 200)
    },
    "get-routes.40.txt": ((*ROUTES, "--no-color"), 40),
    "get-routes.pipe.txt": (ROUTES, None),
    "get-routes.colour.txt": (("get", "routes", *ONE), 80),
    "get-endpoints.colour.txt": (("get", "endpoints", *ONE), 80),
    **{f"get-routes.{output}": ((*ROUTES, "-o", output), None) for output in FORMATS},
    "get-routes.jsonpath": ((*ROUTES, "-o", TEMPLATE), None),
    "pc-clusters.80.txt": (("pc", "clusters", "productpage", "--direction", "inbound", "--no-color"), 80),
    "describe-virtualservice.80.txt": (("describe", "vs/reviews", "--no-color"), 80),
    "describe-listener.80.txt": (("describe", "listener/10.96.0.14_8001", *ONE, "--no-color"), 80),
    "describe-listener.colour.txt": (("describe", "listener/10.96.0.14_8001", *ONE), 80),
    **{f"describe-service.{output}": (("describe", "svc/reviews", "-o", output), None) for output in FORMATS},
    "find-ip.80.txt": (("find", "10.20.0.21", "--no-color", "-q"), 80),
    "find-ip.200.txt": (("find", "10.20.0.21", "--no-color", "-q"), 200),
    "find-ip.pipe.txt": (("find", "10.20.0.21", "-q"), None),
    "find-object.json": (("find", "dr/reviews.default", "-o", "json"), None),
    "find-object.name": (("find", "dr/reviews.default", "-o", "name"), None),
    "get-virtualservices.colour.jsonl": (("get", "virtualservices", "-o", "jsonl"), 80),
    "describe-service.colour.yaml": (("describe", "svc/reviews", "-o", "yaml"), 80),
}


@pytest.mark.parametrize("name", CASES)
def test_an_output_is_what_its_golden_file_says(
    name: str, small: Callable[..., Answer], golden: Callable[[str, str], None]
) -> None:
    words, columns = CASES[name]
    given = small(*words, columns=columns)
    assert (given.code, given.err) == (0, "")
    golden(name, given.out)


def test_every_golden_file_belongs_to_a_case() -> None:
    assert {file.name for file in GOLDEN.iterdir() if file.is_file()} == set(CASES)


@pytest.mark.parametrize("name", [name for name, (_, columns) in CASES.items() if columns and "colour" not in name])
def test_no_line_of_a_table_is_wider_than_its_terminal(name: str) -> None:
    words, columns = CASES[name]
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    table = lines if words[0] != "describe" else lines[: lines.index("fields")]
    fits = [line for line in table if not line.startswith("  at ")]  # a place is never cut: it is there to be opened
    assert max(map(len, fits)) <= (columns or 0)
