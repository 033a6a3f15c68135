"""`meshscope ui`: the terminal browser."""

from __future__ import annotations

from functools import cache, partial

import click
from msgspec import Struct

from meshscope.cli.source_options import Source, source_options
from meshscope.cli.verb import Verb
from meshscope.collect.kubernetes.current import contexts
from meshscope.collect.live import Live
from meshscope.collect.rereading import Reading, read, read_again
from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Snapshot
from meshscope.work import Work


@click.command("ui", cls=Verb)
@source_options
def command(*, source: Source) -> None:
    """Browse the mesh in the terminal. `meshscope` without a verb does the same.

    \b
    Examples:
      meshscope ui --from bug-report.tar.gz
      meshscope ui --from http://127.0.0.1:15000
    """
    import sys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the browser needs a terminal; meshscope get, trace and find write to a pipe")
    chosen = source.chosen()
    from meshscope.tui.app import Browser

    known = cache(partial(contexts, source.live.kubeconfig))
    Browser(Opening(source.live.live(), source.view), chosen, at=source.at, contexts=known).run()


class Opening(Struct, frozen=True):
    """How the browser opens sources, and reads them again."""

    live: Live
    view: str

    def read(self, source: str, work: Work) -> Reading:
        return read(source, self.live, work)

    def read_again(self, before: Reading, work: Work, *, whole: bool) -> Reading:
        return read_again(before, self.live, work, whole=whole)

    def link(self, snapshot: Snapshot, work: Work) -> Mesh:
        return Mesh(snapshot, view=self.view, work=work)
