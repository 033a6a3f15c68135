"""Descriptions of objects, made on the spot."""

from __future__ import annotations

from meshscope.listing.describe import Description


def thing_of(**fields: object) -> Description:
    empty: dict[str, object] = {
        "proxy": None,
        "state": None,
        "object": {},
        "owner": None,
        "used_by": (),
        "reaches": (),
        "location": None,
    }
    return Description(**{"kind": "clusters", "name": "x", **empty, **fields})  # type: ignore[arg-type]  # of a test
