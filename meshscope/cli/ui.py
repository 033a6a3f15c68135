"""`meshscope ui`: the terminal browser."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from meshscope.cli import completing
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.settings import config
from meshscope.cli.terminal_glyphs import has_glyphs
from meshscope.cli.verb import INPUT, OUTPUT, Option, Verb
from meshscope.cli.writing import write
from meshscope.collect.kubernetes.current import contexts
from meshscope.collect.live import Live
from meshscope.collect.rereading import Reading, read, read_again
from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import DEMO
from meshscope.snapshot.snapshot import Snapshot
from meshscope.work import Work

if TYPE_CHECKING:
    from meshscope.tui.app import Browser


@click.command("ui", cls=Verb)
@source_options
@click.option(
    "--theme",
    metavar="NAME",
    cls=Option,
    section=OUTPUT,
    shell_complete=completing.themes,
    help="the colours: light, dark, ansi-dark, nord …; default: the config file's, else the terminal's",
)
@click.option(
    "--no-mouse",
    is_flag=True,
    cls=Option,
    section=OUTPUT,
    help="leave the mouse to the terminal, which then selects text as ever",
)
@click.option(
    "--tour",
    is_flag=True,
    cls=Option,
    section=INPUT,
    help="a tour in ten lessons, on the bundled recording",
)
def command(*, source: Source, theme: str | None, no_mouse: bool, tour: bool) -> None:
    """Browse the mesh in the terminal. `meshscope` without a verb does the same.

    \b
    Examples:
      meshscope ui --from bug-report.tar.gz
      meshscope ui --from http://127.0.0.1:15000
      meshscope ui --tour
    """
    import sys

    if tour and (source.sources or source.options()):
        raise UsageError("--tour is on the bundled recording alone: leave out --from and what goes with it")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the browser needs a terminal; meshscope get, trace and find write to a pipe")
    from meshscope.tui.app import Browser
    from meshscope.tui.preferences.kept import kept
    from meshscope.tui.preferences.settings import settings_of, theme_of

    settings = settings_of(config(), Browser)
    settings = replace(settings, is_ascii=not has_glyphs())
    if theme is not None:
        settings = replace(settings, theme=theme_of(theme))
    known = cache(partial(contexts, source.live.kubeconfig))
    start = partial(
        _app(tour=tour),
        Opening(source.live.live(), source.view),
        at=source.at,
        options=source.options(),
        contexts=known,
        settings=settings,
    )
    browser = start((DEMO,)) if tour else start(source.chosen(), kept=kept())
    browser.run(mouse=settings.mouse and not no_mouse)
    if browser.last_line:
        write([f"{browser.last_line}\n"])


def _app(*, tour: bool) -> type[Browser]:
    if tour:
        from meshscope.tui.tour.guided import GuidedBrowser  # few sessions are one

        return GuidedBrowser
    from meshscope.tui.app import Browser

    return Browser


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
