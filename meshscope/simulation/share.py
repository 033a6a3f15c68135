"""A filter's share of requests, decided by the user's random number or as branches.

Filters draw a number of their own for each share (routes use the request's), so that two shares are independent.
https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime#fractional-percent
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.runtime_fraction import denominator, fraction_in_effect, holds, runtime_value
from meshscope.xds.route_match import FractionalPercent, RuntimeFractionalPercent


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
    """The configured share, or what runtime says under `key`: a whole number is a percentage."""
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
