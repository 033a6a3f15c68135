"""What is read: `--from` and its circumstances. A verb gets them as one `Source`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial, wraps
from typing import Any

import click
from msgspec import Struct

from meshscope.cli import completing
from meshscope.cli.options.live import LiveOptions, live_options
from meshscope.cli.settings import configured
from meshscope.cli.verb import INPUT, Option, note_unreachable
from meshscope.collect.opening import open_snapshot
from meshscope.errors import UnreachableError, UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.render.text import safe
from meshscope.snapshot.reading import DEMO
from meshscope.snapshot.snapshot import Snapshot
from meshscope.work import Work

CLUSTER = "k8s:"
"""The source that is the current context's cluster."""


class Source(Struct, frozen=True):
    """`at` is the moment at which validity is judged, "" for the time of capture."""

    sources: tuple[str, ...] = ()
    view: str = ""
    at: str = ""
    quiet: bool = False
    verbose: bool = False
    live: LiveOptions = LiveOptions()

    def chosen(self) -> tuple[str, ...]:
        """The sources named, else the current context of the kubeconfig, else the demo; the last two are noted on stderr."""
        sources, note = self._chosen()
        self.narrate(note)
        return sources

    def _chosen(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """With what is noted of a cluster. That the demo is read is noted even with -q: it is not the mesh of the user."""
        if named := self.sources or configured():
            return named, ()
        if self.live.context or self.live.kubeconfig:
            return (CLUSTER,), ()
        from meshscope.collect.kubernetes.current import current_context  # only where no source is named

        if (context := current_context()) is not None:
            whose = f"kubeconfig context {context}" if context else "the kubeconfig"
            return (CLUSTER,), (f"reading the cluster of {whose}; --from reads something else",)
        click.echo("reading the bundled Bookinfo recording; --from reads your own", err=True)
        return (DEMO,), ()

    def options(self) -> tuple[str, ...]:
        """What goes with the sources as words of a command line; what is left at its default is not in it."""
        given = (("--view", self.view), ("--at", self.at))
        return (*(word for pair in given if pair[1] for word in pair), *self.live.options())

    def opened(
        self, chosen: tuple[str, ...] = (), prepare: Callable[[Snapshot], Snapshot] = lambda snapshot: snapshot
    ) -> Mesh:
        """The mesh of the sources, of which `prepare` makes others; problems of reading are noted on stderr."""
        sources, note = (chosen, ()) if chosen else self._chosen()
        with self.reading() as work, _saying_what_else() if note else nullcontext():
            snapshot = open_snapshot(*sources, live=self.live.live(), work=work)
            mesh = Mesh(prepare(snapshot), view=self.view)
        self.narrate(note)
        note_unreachable(snapshot.unreachable)
        self.tell_problems(mesh)
        return mesh

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """A progress bar for what is read in the block, until the first line of the answer."""
        from meshscope.cli.progress import progress  # only where something is read

        with progress("reading", quiet=self.quiet) as report:
            yield Work(report)

    def narrate(self, lines: Iterable[str]) -> None:
        """Writes notes beside the answer to stderr."""
        for line in () if self.quiet else lines:
            click.echo(safe(line), err=True)

    def tell_problems(self, mesh: Mesh, *, before: int = 0) -> None:
        """Notes the problems after the first `before`: all of them with -v, else one and how many more."""
        problems = mesh.problems[before:]
        listed = problems if self.verbose else problems[:1]
        self.narrate(f"problem: {f'{p.document}: ' if p.document else ''}{p.message}" for p in listed)
        if more := len(problems) - len(listed):
            self.narrate([f"… and {more} more problem{'s' if more > 1 else ''}; -v lists them"])


@contextmanager
def _saying_what_else() -> Iterator[None]:
    """Of a cluster that was not named, an error says what can be read without one."""
    try:
        yield
    except (UnreachableError, UsageError) as error:
        raise type(error)(f"{error}; --from {DEMO} reads the bundled recording") from None


_input = partial(click.option, cls=Option, section=INPUT)


def _time(ctx: click.Context, param: click.Parameter, value: str) -> str:
    try:
        datetime.fromisoformat(value or "2000-01-01")
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a time such as 2026-11-24T16:40:00Z", ctx, param) from None
    return value


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options about sources; the verb's parameter is `source`."""

    @wraps(function)
    def with_source(
        *,
        sources: tuple[str, ...],
        view: str | None,
        at: str,
        quiet: bool,
        verbose: bool,
        live: LiveOptions,
        **others: Any,
    ) -> Any:
        return function(source=Source(sources, view or "", at, quiet, verbose, live), **others)

    wrapped: Callable[..., Any] = live_options(with_source)
    for option in reversed((
        _input("--from", "sources", multiple=True, metavar="SOURCE", shell_complete=completing.sources,
               help="a dump, folder, archive, bug-report, - (stdin), demo, or live: http://HOST:15000 (Envoy's admin), "
                    "istiod+http://HOST:15014, k8s:CONTEXT/NAMESPACE; repeatable, sources add up; "
                    "NAME=SOURCE names its cluster"),
        _input("--view", type=click.Choice(["envoy", "istiod"]), metavar="VIEW",
               help="envoy or istiod: which account of a proxy is read"),
        _input("--at", metavar="TIME", default="", callback=_time,
               help="judge validity at this time (RFC 3339); default: the time of capture"),
        _input("-q", "--quiet", is_flag=True, help="no notes on stderr"),
        _input("-v", "--verbose", is_flag=True, help="list every problem of the input"),
    )):  # fmt: skip
        wrapped = option(wrapped)
    return wrapped
