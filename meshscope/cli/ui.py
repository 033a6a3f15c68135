"""`meshscope ui`: the terminal browser."""

from __future__ import annotations

import click

from meshscope.cli.source_options import Source, source_options
from meshscope.cli.verb import Verb
from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
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
    from meshscope.collect.opening import open_snapshot
    from meshscope.tui.app import Browser

    def open_mesh(work: Work) -> Mesh:
        return Mesh(open_snapshot(*chosen, live=source.live.live(), work=work), view=source.view, work=work)

    Browser(open_mesh, chosen, at=source.at, options=source.options()).run()
