"""RuntimeFractionalPercent: the fraction in effect, and whether it holds for a random value.

A runtime value under the key wins over the default: a whole number is a percentage, a struct is a FractionalPercent.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-runtimefractionalpercent
A filter draws a number of its own for each share, a route takes the request's: two shares of filters are independent.
https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime#fractional-percent
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.xds.route_match import DENOMINATORS, FractionalPercent, RuntimeFractionalPercent

_WRITTEN = r"(?a)\s*\{?\s*numerator\s*:\s*(\d+)[\s,]*(?:denominator\s*:\s*\"?(\w+)\"?)?\s*\}?\s*"


def fraction_in_effect(fraction: RuntimeFractionalPercent, request: HttpRequest, envoy: Envoy) -> FractionalPercent:
    """The request's override, else the proxy's runtime value, else the default."""
    if not fraction.runtime_key:
        return fraction.default_value
    for runtime in (request.runtime, envoy.runtime):
        found = _fraction(runtime_value(runtime, fraction.runtime_key))
        if found is not None:
            return found
    return fraction.default_value


def holds(fraction: FractionalPercent, random: int) -> bool:
    return random % denominator(fraction) < fraction.numerator


def denominator(fraction: FractionalPercent) -> int:
    return DENOMINATORS.get(fraction.denominator.upper(), 100)  # Envoy reads enums in any case


def runtime_value(runtime: Mapping[str, Any], key: str) -> Any:
    """The value of a key `a.b.c`, written whole or as nested structs; None where there is none."""
    if key in runtime:
        return runtime[key]
    for prefix, nested in runtime.items():
        if isinstance(nested, Mapping) and key.startswith(f"{prefix}."):
            found = runtime_value(nested, key[len(prefix) + 1 :])
            if found is not None:
                return found
    return None


def runtime_integer(runtime: Mapping[str, Any], key: str, otherwise: int) -> int:
    """The whole number under a key; `otherwise` for one that is not there, is no number, or is negative."""
    value = runtime_value(runtime, key)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return int(value) if is_number else otherwise


def _fraction(value: Any) -> FractionalPercent | None:
    """Envoy's reading of a runtime entry; None for a value that is no fraction."""
    if isinstance(value, Mapping):
        numerator = value.get("numerator", 0)
        if ("numerator" in value or "denominator" in value) and isinstance(numerator, int):
            return FractionalPercent(numerator=numerator, denominator=str(value.get("denominator", "HUNDRED")))
        return None
    if isinstance(value, str):
        if written := re.fullmatch(_WRITTEN, value):
            return FractionalPercent(numerator=int(written[1]), denominator=written[2] or "HUNDRED")
        value = int(value) if re.fullmatch(r"[0-9]{1,19}", value, re.ASCII) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return FractionalPercent(numerator=min(value, 100))


class Share(Struct, frozen=True):
    fraction: FractionalPercent

    def branches(self, random: int | None) -> tuple[tuple[bool, float], ...]:
        """Whether it holds, with probabilities that add up to 1; one branch where it is decided."""
        share = self.fraction.share
        if share in (0.0, 1.0):
            return ((share == 1.0, 1.0),)
        if random is not None:
            return ((holds(self.fraction, random), 1.0),)
        return ((True, share), (False, 1.0 - share))

    @property
    def is_off(self) -> bool:
        return self.fraction.numerator == 0

    @property
    def is_certain(self) -> bool:
        return self.fraction.numerator >= denominator(self.fraction)

    def __str__(self) -> str:
        return str(self.fraction)


def share_of(percent: FractionalPercent, key: str, request: HttpRequest, envoy: Envoy) -> Share:
    """The configured share, or the runtime value under `key`: a whole number is a percentage."""
    return runtime_share(RuntimeFractionalPercent(default_value=percent, runtime_key=key), request, envoy)


def runtime_share(percent: RuntimeFractionalPercent, request: HttpRequest, envoy: Envoy) -> Share:
    return Share(fraction_in_effect(percent, request, envoy))


def whole_number(key: str, default: int, request: HttpRequest, envoy: Envoy) -> int:
    """A runtime value that is a whole number; the default where there is none."""
    for runtime in (request.runtime, envoy.runtime):
        value = runtime_value(runtime, key)
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return default


def is_on(key: str, *, default: bool, request: HttpRequest, envoy: Envoy) -> bool:
    """A runtime feature flag."""
    for runtime in (request.runtime, envoy.runtime):
        value = runtime_value(runtime, key) if key else None
        if value is not None:
            return value in (True, "true", 1)
    return default
