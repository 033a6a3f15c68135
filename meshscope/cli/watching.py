"""Reading sources again and again, for `trace --watch` and `get -w`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from meshscope.cli.source_options import Source
from meshscope.collect.live import LOOK_AGAIN, READ_AGAIN
from meshscope.errors import MeshscopeError, UnreachableError
from meshscope.mesh.mesh import Mesh


def meshes(source: Source) -> Iterator[Mesh]:
    """The mesh, and a new one after each change of its sources, without end. A source that is lost may return.

    Raises the errors of `Source.opened`, the first time only.
    """
    chosen, live = source.chosen(), source.live.live()
    from meshscope.collect.versions import versions  # only for watching

    known = versions(chosen, live)
    yield source.opened(chosen)
    lost = ""
    while True:
        time.sleep(READ_AGAIN if known is None else LOOK_AGAIN)
        now = versions(chosen, live)
        if now is not None and now == known:
            continue
        try:
            mesh = source.opened(chosen)
        except UnreachableError as error:
            if str(error) != lost:
                source.narrate([f"{clock()} {error}"])
            lost = str(error)
        except MeshscopeError as error:  # perhaps half written
            source.narrate([f"{clock()} {error}"])
        else:
            known, lost = now, ""
            yield mesh


def clock() -> str:
    return datetime.now(UTC).strftime("%H:%M:%SZ")
