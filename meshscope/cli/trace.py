"""`meshscope trace [SOURCE] DEST`: follow one request hop by hop and say why each other candidate lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NoReturn

import click
from msgspec import Struct

from meshscope.cli.options.applying import what_if_of, with_option
from meshscope.cli.options.output import Output
from meshscope.cli.options.request import REQUEST, in_options, request_options
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.trace_output import WIDE, TraceOutput, trace_output_options
from meshscope.cli.verb import OUTPUT, Option, Verb
from meshscope.cli.writing import clock, write
from meshscope.errors import ExitCode, MeshscopeError, UsageError
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.journey.side import Side
from meshscope.simulation.journey.simulator import MAX_PATHS, Simulator
from meshscope.simulation.journey.words import Words, request_of
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace

if TYPE_CHECKING:
    from meshscope.render.trace.line import Line

_request = partial(click.option, cls=Option, section=REQUEST)
_output = partial(click.option, cls=Option, section=OUTPUT)


class Following(Struct, frozen=True):
    """Where the mesh is read from, and how many outcomes are told apart."""

    source: Source
    max_paths: int

    def trace(self, mesh: Mesh, request: Request) -> Trace:
        """Raises UsageError for a request that names something that does not exist, in the words of the command line."""
        try:
            with collector_paused():
                return Simulator(mesh, at=self.source.at).trace(request, max_paths=self.max_paths)
        except FieldError as error:
            raise in_options(error) from None


@click.command("trace", cls=Verb)
@request_options
@_request("--inbound", "side", flag_value=Side.INBOUND, type=Side, help="the receiving side only")
@_request("--outbound", "side", flag_value=Side.OUTBOUND, type=Side, help="the sending side only")
@_request("--requests", "file", type=click.Path(), metavar="FILE", help="one JSON request a line (- is stdin)")
@_request("--max-paths", type=click.IntRange(1), default=MAX_PATHS, show_default=True, metavar="N",
          help="outcomes to tell apart")  # fmt: skip
@source_options
@with_option
@trace_output_options
@_output(
    "-w",
    "--all-steps",
    is_flag=True,
    help="every step of every hop, and what it changes (so do -v and -o wide)",
)
@_output("--watch", is_flag=True, help="follow it again when something changes, show the difference")
def command(
    *,
    words: Words,
    side: Side | None,
    file: str | None,
    max_paths: int,
    source: Source,
    files: tuple[str, ...],
    output: Output,
    all_steps: bool,
    watch: bool,
) -> int:
    """Follow one request through the mesh, and say why each other candidate lost.

    SOURCE is a pod, workload, app, or gateway (left out: the only proxy, or the outside); DEST a URL,
    service[.namespace][:port][/path], or IP:port. With --with: how it would end if those manifests were applied, and
    what of the answer is different from today.

    \b
    Examples:
      meshscope trace productpage reviews
      meshscope trace productpage http://reviews:9080/reviews/0 -H 'end-user: jason'
      meshscope trace istio-ingressgateway http://bookinfo.example.com/productpage
      meshscope trace --from envoy.yaml --to 127.0.0.1:10000 http://example.com/x
      meshscope trace --requests requests.jsonl -o jsonl
      meshscope trace productpage reviews --with canary.yaml
    """
    if watch and files:
        raise UsageError("--watch follows what is; --with asks what would be")
    if file:
        return (
            _batch_of_both(source, file, files, max_paths, output) if files else _batch(source, file, max_paths, output)
        )
    try:
        request = request_of(words)
    except FieldError as error:
        raise in_options(error) from None
    following = Following(source, max_paths)
    written = TraceOutput(output, all_steps or source.verbose or output.format == WIDE, side)
    if watch:
        _watch(following, request, written)
    mesh = source.opened()
    if files:
        return _both_sides(following, mesh, request, files, written)
    known = len(mesh.problems)
    found = following.trace(mesh, request)
    written.write(found)
    source.tell_problems(mesh, before=known)
    return ExitCode.FINE if found.is_well else ExitCode.NO


def _watch(following: Following, request: Request, written: TraceOutput) -> NoReturn:
    """The answer, then what is different in it whenever it changes; with -o jsonl each answer whole, on a line."""
    from meshscope.cli.watching import meshes  # only for --watch
    from meshscope.render.trace.changes import without_places

    if not written.is_lines and written.output.format != "jsonl":
        raise UsageError("--watch writes a tree, or with -o jsonl an answer a line")
    source = following.source
    before: tuple[Line, ...] | str | None = None
    for mesh in meshes(source):
        try:
            found = following.trace(mesh, request)
        except MeshscopeError as error:  # source or destination is gone; it may return
            if before is None:
                raise
            source.narrate([f"{clock()} {error}"])
            continue
        if not written.is_lines:
            now = written.json_line(found)
            write([now] if now != before else [])
            before = now
            continue
        lines = written.outline(found)
        if isinstance(before, tuple):
            written.write_changes(before, lines)
        else:
            written.write_outline(lines)
        before = without_places(lines)
    raise AssertionError("watching has no end")


def _both_sides(
    following: Following, mesh: Mesh, request: Request, files: tuple[str, ...], written: TraceOutput
) -> ExitCode:
    """The request in today's mesh, and in the one that would be."""
    from meshscope.overlay.both_sides import Sides  # only for --with

    source = following.source
    what_if = what_if_of(source, mesh, files)
    try:
        with collector_paused():
            found = Sides(what_if, at=source.at, max_paths=following.max_paths).traced(request)
    except FieldError as error:
        raise in_options(error) from None
    written.write_both(found)
    return ExitCode.FINE if found.is_well else ExitCode.NO


def _batch_of_both(source: Source, file: str, files: tuple[str, ...], max_paths: int, output: Output) -> ExitCode:
    """Both sides of each line: a table of those that differ on a terminal, JSON lines for a pipe."""
    from meshscope.cli.batch_output import write_batch_of_both  # only for a batch with --with
    from meshscope.cli.request_lines import lines_of
    from meshscope.overlay.both_sides import Sides

    sides = Sides(what_if_of(source, source.opened(), files), at=source.at, max_paths=max_paths)
    with collector_paused():
        answers = (sides.answered(line, number) for number, line in enumerate(lines_of(file), 1))
        are_well = write_batch_of_both(answers, output)
    return ExitCode.FINE if are_well else ExitCode.NO


def _batch(source: Source, file: str, max_paths: int, output: Output) -> int:
    """An answer for each line, in its place: a table on a terminal, JSON lines for a pipe; with -o json they are indented."""
    from meshscope.cli.batch_output import is_batch_table, write_batch  # only for a batch
    from meshscope.cli.request_lines import lines_of
    from meshscope.simulation.journey.batch import answer

    simulator = Simulator(source.opened(), at=source.at)
    with collector_paused():
        answers = (answer(simulator, line, at, max_paths=max_paths) for at, line in enumerate(lines_of(file), 1))
        are_well = write_batch(answers, output)
    if not are_well and is_batch_table(output) and not output.is_wide:
        source.narrate(["-o wide says why"])
    return ExitCode.FINE if are_well else ExitCode.NO
