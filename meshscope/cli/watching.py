"""Reading sources again and again, for `trace --watch` and `get -w`."""

from __future__ import annotations

import time
from collections.abc import Iterator

from meshscope.cli.options.source import Source
from meshscope.cli.writing import clock
from meshscope.collect.live import LOOK_AGAIN, READ_AGAIN
from meshscope.errors import MeshscopeError
from meshscope.mesh.mesh import Mesh


def meshes(source: Source) -> Iterator[Mesh]:
    """The mesh, and a new one after each change of its sources, without end. A source that is lost may return.

    Raises the errors of `Source.opened`, the first time only.
    """
    chosen, live = source.chosen(), source.live.live()
    from meshscope.collect.versions import versions  # only for watching

    known = versions(chosen, live)
    yield source.opened(chosen)
    loss = _Loss(source)
    while True:
        time.sleep(READ_AGAIN if known is None else LOOK_AGAIN)
        now = versions(chosen, live)
        if now is not None and now == known:
            loss.ends()
            continue
        try:
            mesh = source.opened(chosen)
        except MeshscopeError as error:  # gone, or perhaps half written
            loss.goes_on(error)
        else:
            known = now
            loss.ends()
            yield mesh


class _Loss:
    """What is told of a source that cannot be read: each reason once, then that it is back, and since when it was gone."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._since = self._told = ""

    def goes_on(self, error: MeshscopeError) -> None:
        now = clock()
        self._since = self._since or now
        if str(error) != self._told:
            self._source.narrate([f"{now} {error}"])
        self._told = str(error)

    def ends(self) -> None:
        if self._since:
            self._source.narrate([f"{clock()} can be read again; it could not since {self._since}"])
        self._since = self._told = ""
