"""How long the certificates of a proxy are valid yet, in a word."""

from __future__ import annotations

from datetime import timedelta

from meshscope.listing.glyphs import EXPIRED, NOT_YET_VALID
from meshscope.listing.kinds import secrets
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.xds.certificate import time_left

UNKNOWN = "?"
_HOUR = timedelta(hours=1)


def certificate_word(mesh: Mesh, proxy: Proxy, at: str = "") -> str:
    """`23h` until the first of its own certificates expires, `✗ expired`, `✗ not yet valid`; `?` where none was captured.

    `at` is the moment of judgement, "" the time of capture. Hours throughout, so that they compare at a glance and sort.
    """
    moment = at or proxy.account.captured_at
    rows = secrets.rows(mesh, Selection(proxy=proxy.name, at=at))
    own = [row for row in rows if row.type == "certificate" and row.status == "ACTIVE"]
    left = [time_left(row.not_after or "", moment) for row in own]
    for row, remains in zip(own, left, strict=True):
        if remains is not None and row.valid is False:
            return EXPIRED if remains < timedelta() else NOT_YET_VALID
    known = [remains for remains in left if remains is not None]
    return (
        f"{min(known) // _HOUR}h" if known and len(known) == len(own) else UNKNOWN
    )  # an unreadable one may be the first
