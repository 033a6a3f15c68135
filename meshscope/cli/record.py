"""`meshscope record OUT`: what the sources hold, as a recording; once, or again and again as a ring."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from meshscope.cli.duration import Duration
from meshscope.cli.progress import progress
from meshscope.cli.ring import next_place, shortened
from meshscope.cli.source_options import Source, source_options
from meshscope.cli.verb import Verb
from meshscope.collect.opening import open_snapshot
from meshscope.errors import ExitCode, UnreachableError, UsageError
from meshscope.mesh.labelling import labelled
from meshscope.snapshot.packing import refuse
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.snapshot import Snapshot

Prepared = Callable[[Snapshot], Snapshot]


@click.command("record", cls=Verb)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("-n", "--namespace", default="", metavar="NS", help="of a cluster: this namespace only; default: all")
@click.option(
    "-l", "--selector", "labels", default="", metavar="LABELS", help="of a cluster: pods with these labels only"
)
@click.option("--redact", is_flag=True, help="without keys, tokens, cookies, environment and annotations")
@click.option("--anonymize", is_flag=True, help="redacted, and every name and address replaced by another one")
@click.option("--resume", is_flag=True, help="ask only for what OUT, an earlier recording, does not have")
@click.option("--every", type=Duration(), metavar="30s", help="again and again, into the directory OUT")
@click.option(
    "--keep", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="recordings of --every"
)
@source_options
def command(
    *,
    source: Source,
    out: Path,
    namespace: str,
    labels: str,
    redact: bool,
    anonymize: bool,
    resume: bool,
    every: float | None,
    keep: int,
) -> int:
    """Write what the sources hold into a recording: a directory, or by its name a .tar.gz or .zip.

    Everything else of meshscope reads it like the source itself: offline, later, elsewhere. What could not be had is in it
    with its reason; Ctrl-C keeps what came so far, and --resume asks for the rest.

    \b
    Examples:
      meshscope record out.tar.gz --from k8s:
      meshscope record out.tar.gz --from http://127.0.0.1:15000
      meshscope record for-an-issue.tar.gz --from k8s: --anonymize
      meshscope record before --from k8s: --every 30s --keep 20
    """
    if resume and (every or redact or anonymize):
        raise UsageError("--resume goes on with one recording as it is: without --every, --redact and --anonymize")
    prepared = _prepared(redact=redact, anonymize=anonymize)
    recorder = _Recorder(source, source.chosen(), namespace, labels, prepared)
    with _stoppable() as stopped:
        if every:
            return _ring(recorder, out, every, keep, stopped)
        refuse(out, replaces=resume)
        known = open_snapshot(str(out)) if resume and out.exists() else None
        recorder.record(out, stopped, known, replaces=resume)
    return ExitCode.INTERRUPTED if stopped() else ExitCode.FINE


class _Recorder:
    def __init__(
        self, source: Source, chosen: tuple[str, ...], namespace: str, labels: str, prepared: Prepared
    ) -> None:
        self._source = source
        self._chosen = chosen
        self._live = source.live.live(namespace=namespace, labels=labels)
        self._prepared = prepared

    def record(
        self, out: Path, stopped: Callable[[], bool], known: Snapshot | None = None, *, replaces: bool = False
    ) -> None:
        """Raises UnreachableError and UsageError; then nothing was written."""
        quiet = self._source.quiet
        with progress("asking", quiet=quiet, unit="documents") as told:
            snapshot = open_snapshot(*self._chosen, live=self._live, known=known, progress=told, cancelled=stopped)
        if stopped() and not any(not one.document.failure for one in snapshot.captured):
            self._source.narrate(["nothing came before that, and nothing was written"])
            return
        write_recording(self._prepared(labelled(snapshot)), out, replaces=replaces)
        self._tell(snapshot, out)

    def _tell(self, snapshot: Snapshot, out: Path) -> None:
        lost = [one.document for one in snapshot.captured if one.document.failure]
        there = [one for one in snapshot.captured if not one.document.failure]
        proxies = {one.owner for one in there if one.owner}
        self._source.narrate(
            [f"{out}: {len(there)} documents, {len(proxies)} {'proxy' if len(proxies) == 1 else 'proxies'}"]
        )
        problems = [f"{one.document}: {one.message}" if one.document else one.message for one in snapshot.problems]
        problems.extend(f"{one.name}: {one.failure}" for one in lost)
        shown = problems if self._source.verbose else problems[:3]
        self._source.narrate(f"not captured: {problem}" for problem in shown)
        if more := len(problems) - len(shown):
            self._source.narrate([f"… and {more} more; -v lists them, --resume asks again"])


def _prepared(*, redact: bool, anonymize: bool) -> Prepared:
    """What is done to a snapshot before it is written."""
    if anonymize:
        import secrets  # only for new names

        from meshscope.anonymous.anonymising import anonymised

        key = secrets.token_bytes(32)
        return lambda snapshot: anonymised(snapshot, key).snapshot
    if redact:
        from meshscope.snapshot.redacting import redacted_snapshot  # most recordings stay at home

        return redacted_snapshot
    return lambda snapshot: snapshot


def _ring(recorder: _Recorder, folder: Path, every: float, keep: int, stopped: Callable[[], bool]) -> int:
    """A recording every so many seconds, the last ones of which are kept: what changed just before?"""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: --every writes recordings into a directory, and this is a file")
    while not stopped():
        started = time.monotonic()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            recorder.record(next_place(folder), stopped)
        except UnreachableError as error:  # it may come back
            click.echo(f"meshscope: {error}", err=True)
        except OSError as error:
            raise UsageError(f"cannot write {folder}: {error.strerror}") from None
        shortened(folder, keep)
        while not stopped() and time.monotonic() - started < every:
            time.sleep(0.1)
    return ExitCode.INTERRUPTED


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C asks to stop, which keeps what came; the second one ends the process as usual."""
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)
        click.echo("\nstopping: what came is kept (Ctrl-C again leaves at once)", err=True)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
