from __future__ import annotations

import pytest

from meshscope.istio.durations import envoy_duration, go_seconds


@pytest.mark.parametrize(
    ("text", "seconds", "envoy"),
    [
        ("1h", 3600.0, "3600s"),
        ("1m30s", 90.0, "90s"),
        ("500ms", 0.5, "0.5s"),
        ("0.5s", 0.5, "0.5s"),
        (".5s", 0.5, "0.5s"),
        ("0s", 0.0, "0s"),
        ("0", 0.0, "0s"),
        ("5", None, "5"),
        ("5 s", None, "5 s"),
        ("", None, ""),
        ("1d", None, "1d"),
    ],
)
def test_durations_are_those_of_go(text: str, seconds: float | None, envoy: str) -> None:
    assert go_seconds(text) == seconds
    assert envoy_duration(text) == envoy
