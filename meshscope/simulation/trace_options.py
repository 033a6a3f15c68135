"""What holds for a whole trace, whichever proxies it leads through."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class TraceOptions(Struct, frozen=True, kw_only=True):
    """`at` is the time of capture (RFC 3339), "" where it is unknown. `claims` are those of an accepted token.

    `explain` False leaves out steps, which is what thousands of decisions a second take. `internal` overrides what Envoy
    makes of the client's address; None leaves it to Envoy.
    """

    at: str = ""
    claims: dict[str, Any] | None = None
    explain: bool = True
    internal: bool | None = None


DEFAULTS = TraceOptions()
