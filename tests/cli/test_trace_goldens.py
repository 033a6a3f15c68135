"""Whole traces as people and other programs get them: from the recordings that come with the project, and from hostile names.

MESHSCOPE_UPDATE_GOLDENS=1 writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from .conftest import GOLDEN
from .running import Answer

BOOKINFO = "../../recordings/bookinfo"
HOSTILE = "hostile/envoy.json"
SGR = re.compile("\x1b\\[[0-9;]*m")
FIXED = "--no-color"

SPLIT = ("productpage", "reviews", "--from", BOOKINFO)
TWO_PODS = ("productpage", "details", "--from", BOOKINFO)
GATEWAY = ("istio-ingressgateway", "http://bookinfo.example.com/productpage", "--from", BOOKINFO)
NO_HOST = ("istio-ingressgateway", "http://other.example.com/productpage", "--from", BOOKINFO)
FAULT = ("reviews-v2", "http://ratings:9080/ratings/0", "-H", "end-user: tester", "--from", BOOKINFO)
UNKNOWN = ("productpage", "nosuch.example", "--from", BOOKINFO)


def hostile(port: int, path: str) -> tuple[str, ...]:
    return ("--to", f"127.0.0.1:{port}", f"http://h{path}", "--from", HOSTILE)


CASES: dict[str, tuple[tuple[str, ...], int | None]] = {
    **{
        f"{name}.{columns}.txt": ((*words, FIXED), columns)
        for name, words in {
            "split": SPLIT,
            "two-pods": TWO_PODS,
            "gateway": GATEWAY,
            "no-host": NO_HOST,
            "fault": FAULT,
            "unknown": UNKNOWN,
            "hostile-split": hostile(10000, "/split"),
            "hostile-all-fail": hostile(10000, "/gone"),
            "hostile-refused": hostile(10000, "/refused"),
            "hostile-moved": hostile(10000, "/moved"),
            "hostile-no-route": hostile(10000, "/none"),
            "hostile-unknown-share": hostile(10001, "/split"),
            "hostile-denied": hostile(10002, "/split"),
        }.items()
        for columns in (80, 160)
    },
    "split.pipe.txt": (SPLIT, None),
    "split.steps.100.txt": ((*SPLIT, "-w", FIXED), 100),
    "no-host.steps.80.txt": ((*NO_HOST, "-w", FIXED), 80),
    "hostile-unknown-share.steps.100.txt": ((*hostile(10001, "/split"), "-o", "wide", FIXED), 100),
    "split.inbound.100.txt": ((*SPLIT, "--inbound", FIXED), 100),
    "split.outbound.100.txt": ((*SPLIT, "--outbound", FIXED), 100),
    "more-outcomes.100.txt": ((*SPLIT, "--max-paths", "1", FIXED), 100),
    "split.colour.80.txt": (SPLIT, 80),
    "no-host.colour.80.txt": (NO_HOST, 80),
    "unknown.colour.80.txt": (UNKNOWN, 80),
    **{
        f"{name}.{output}": ((*words, "-o", output), None)
        for name, words in {
            "split": SPLIT,
            "no-host": NO_HOST,
            "hostile-split": hostile(10000, "/split"),
            "hostile-unknown-share": hostile(10001, "/split"),
        }.items()
        for output in ("dot", "mermaid", "svg")
    },
}

WELL = ("split", "two-pods", "gateway", "hostile-split", "hostile-moved", "more-outcomes")


@pytest.mark.parametrize("name", CASES)
def test_a_trace_is_what_its_golden_file_says(
    name: str, meshscope: Callable[..., Answer], golden: Callable[[str, str], None]
) -> None:
    words, columns = CASES[name]
    given = meshscope("trace", *words, columns=columns)
    assert (given.code, given.err) == (0 if name.split(".", maxsplit=1)[0] in WELL else 1, "")
    golden(f"trace/{name}", given.out)


def test_every_golden_file_of_a_trace_belongs_to_a_case() -> None:
    assert {file.name for file in (GOLDEN / "trace").iterdir()} == set(CASES)


@pytest.mark.parametrize("name", [name for name, (_, columns) in CASES.items() if columns])
def test_no_line_of_a_trace_is_wider_than_its_terminal(name: str) -> None:
    lines = SGR.sub("", (GOLDEN / "trace" / name).read_text(encoding="utf-8")).splitlines()
    assert max(map(len, lines)) <= (CASES[name][1] or 0)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("hostile")])
def test_no_character_of_a_hostile_name_is_obeyed(name: str) -> None:
    text = (GOLDEN / "trace" / name).read_text(encoding="utf-8")
    assert text.replace("\n", "").isprintable() or name.endswith(".svg")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
