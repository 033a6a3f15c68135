"""What is read: `--from` and how; a verb gets them as one `Source`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial, wraps
from typing import Any

import click
from msgspec import Struct

from meshscope.cli.settings import configured
from meshscope.cli.verb import INPUT, Option
from meshscope.mesh.mesh import Mesh
from meshscope.render.text import safe
from meshscope.snapshot.reading import DEMO, open_snapshot


class Source(Struct, frozen=True):
    """`at` is the moment at which validity is judged, "" for that of the capture."""

    sources: tuple[str, ...] = ()
    view: str = ""
    at: str = ""
    quiet: bool = False
    verbose: bool = False

    def opened(self) -> Mesh:
        """The mesh that the sources hold. Says on stderr what is read when nobody said it, and what cannot be read."""
        chosen = self.sources or configured()
        if not chosen:
            chosen = (DEMO,)
            self.narrate(["reading the bundled Bookinfo recording; --from reads your own"])
        from meshscope.cli.progress import progress  # noqa: PLC0415  # a bar is drawn for long work only

        with progress("reading", quiet=self.quiet) as told:
            mesh = Mesh(open_snapshot(*chosen, progress=told), view=self.view)
        self.tell_problems(mesh)
        return mesh

    def narrate(self, lines: Iterable[str]) -> None:
        """What helps to read the answer and is no part of it, on stderr."""
        for line in () if self.quiet else lines:
            click.echo(safe(line), err=True)

    def tell_problems(self, mesh: Mesh, *, before: int = 0) -> None:
        """What could not be read, from the problem `before` on: each with -v, else the first and how many more."""
        problems = mesh.problems[before:]
        told = problems if self.verbose else problems[:1]
        self.narrate(f"problem: {f'{p.document}: ' if p.document else ''}{p.message}" for p in told)
        if more := len(problems) - len(told):
            self.narrate([f"… and {more} more problem{'s' if more > 1 else ''}; -v lists them"])


_input = partial(click.option, cls=Option, section=INPUT)


def _time(ctx: click.Context, param: click.Parameter, value: str) -> str:
    try:
        datetime.fromisoformat(value or "2000-01-01")
    except ValueError:
        raise click.BadParameter(f"{value!r} is no time; write it as 2026-11-24T16:40:00Z", ctx, param) from None
    return value


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose sources and how they are read; the verb's parameter is `source`."""

    @wraps(function)
    def with_source(
        *, sources: tuple[str, ...], view: str | None, at: str, quiet: bool, verbose: bool, **others: Any
    ) -> Any:
        return function(source=Source(sources, view or "", at, quiet, verbose), **others)

    wrapped: Callable[..., Any] = with_source
    for option in reversed((
        _input("--from", "sources", multiple=True, metavar="SOURCE",
               help="a dump, folder, archive, bug-report, - (stdin) or demo; repeatable, sources add up; "
                    "NAME=SOURCE names its cluster"),
        _input("--view", type=click.Choice(["envoy", "istiod"]), metavar="VIEW",
               help="envoy or istiod: whose account of a proxy counts"),
        _input("--at", metavar="TIME", default="", callback=_time,
               help="judge validity at this time (RFC 3339), not at that of the capture"),
        _input("-q", "--quiet", is_flag=True, help="no narration on stderr"),
        _input("-v", "--verbose", is_flag=True, help="list every problem of the input"),
    )):  # fmt: skip
        wrapped = option(wrapped)
    return wrapped
