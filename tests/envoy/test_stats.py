from __future__ import annotations

from pathlib import Path

from msgspec import Raw

from meshscope.envoy.stats import stats
from meshscope.location import Document, Location

STATS = Path(__file__).parents[1] / "data/envoy/admin/inmate/stats.json"


def test_a_recorded_proxys_values_are_found_by_name() -> None:
    body = STATS.read_bytes()
    values, problems = stats(Raw(body), Location(Document.of("stats.json", body)))
    assert problems == ()
    assert values["cluster_manager.cds.version_text"] == "2026-11-24T17:07:56Z/1"
    assert all(isinstance(value, (int, str)) for value in values.values())
    assert len(values) > 10


def test_histograms_and_entries_of_another_shape_are_left_out() -> None:
    body = b'{"stats": [{"name": "a", "value": 1}, {"histograms": {"x": []}}, 3, {"name": "b", "value": "t"}]}'
    values, problems = stats(Raw(body), Location(Document.of("stats.json", body)))
    assert (dict(values), problems) == ({"a": 1, "b": "t"}, ())


def test_another_answer_is_a_problem() -> None:
    values, problems = stats(Raw(b'{"stats": 3}'), Location(Document.of("stats.json", b"")))
    assert (dict(values), len(problems)) == ({}, 1)
