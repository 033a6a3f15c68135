"""Durations in Istio's objects, which are Go's: `1h30m`, `500ms`, `0.5s`. https://pkg.go.dev/time#ParseDuration"""

from __future__ import annotations

import re

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)"


def go_seconds(text: str) -> float | None:
    """`1m30s` as 90.0; None for anything that is not a duration. `0` needs no unit."""
    if text == "0":
        return 0.0
    if not re.fullmatch(rf"(?:{_PART})+", text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text))


def envoy_duration(text: str) -> str:
    """The same as Envoy writes it (`90s`, `0.5s`); text that is no duration is left alone, "" stays ""."""
    value = go_seconds(text)
    if value is None:
        return text
    return f"{value:.9f}".rstrip("0").rstrip(".") + "s"
