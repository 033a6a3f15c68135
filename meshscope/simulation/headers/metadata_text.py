"""A value of metadata as Envoy writes it into a header: text as it is, other kinds as its JSON.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import json


def metadata_text(value: Any) -> str:
    """An absent value and null are "". JSON is compact, its keys sorted."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(key)}:{_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return json.encode(value).decode()


def number_text(value: float) -> str:
    """The shortest text that reads as the same number; the fixed notation where the scientific one is no shorter."""
    number = float(value)
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    if not isinstance(exponent, int):
        return repr(number)
    minus = "-" if sign else ""
    mantissa = "".join(map(str, digits))
    power = exponent + len(mantissa) - 1
    scientific = f"{minus}{mantissa[0]}{'.' + mantissa[1:] if len(mantissa) > 1 else ''}e{power:+03d}"
    fixed = f"{minus}{abs(int(number))}" if exponent >= 0 else f"{Decimal(repr(number)):f}"
    return fixed if len(fixed) <= len(scientific) else scientific
