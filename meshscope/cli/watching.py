"""Asking again and again, and showing what changed: `trace --watch`, `get -w`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import ndiff

import click

from meshscope.cli.source_options import Source
from meshscope.errors import MeshscopeError, UnreachableError
from meshscope.mesh.mesh import Mesh

SECONDS, SECONDS_ANEW = 2.0, 15.0
"""Between two looks; between two times of asking for everything, where a look does not tell."""


def meshes(source: Source) -> Iterator[Mesh]:
    """The mesh, and another one each time its sources changed, without end. A source that goes away may come back.

    Raises what opening raises, the first time.
    """
    chosen, live = source.chosen(), source.live.live()
    from meshscope.collect.versions import versions  # who does not watch needs no network

    seen = versions(chosen, live)
    yield source.opened(chosen)
    lost = ""
    while True:
        time.sleep(SECONDS_ANEW if seen is None else SECONDS)
        now = versions(chosen, live)
        if now is not None and now == seen:
            continue
        try:
            mesh = source.opened(chosen)
        except UnreachableError as error:
            if str(error) != lost:
                source.narrate([f"{clock()} {error}"])
            lost = str(error)
        except MeshscopeError as error:  # half written, perhaps
            source.narrate([f"{clock()} {error}"])
        else:
            seen, lost = now, ""
            yield mesh


def clock() -> str:
    return datetime.now(UTC).strftime("%H:%M:%SZ")


def changes(before: list[str], now: list[str], *, colour: bool) -> list[str]:
    """The lines that went and came, marked as diff marks them."""
    found = [line for line in ndiff(before, now) if line[:2] in ("- ", "+ ")]
    return [click.style(line, fg="red" if line[0] == "-" else "green") for line in found] if colour else found
