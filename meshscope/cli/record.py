"""`meshscope record OUT`: writes the sources into a recording, once or repeatedly."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from meshscope.cli.options.duration import Duration
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.progress import progress
from meshscope.cli.ring import DEFAULT, delete_oldest, next_path, patterns_and_last
from meshscope.cli.sharing import Sharing, anonymize_option, keep_option, redact_option
from meshscope.cli.verb import Verb, note_unreachable
from meshscope.collect.collection import CANCELLED
from meshscope.collect.opening import open_snapshot
from meshscope.errors import ExitCode, UnreachableError, UsageError
from meshscope.mesh.labelling import labelled
from meshscope.snapshot.packing import refuse
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.resuming import Earlier, earlier_recording, resume_recording
from meshscope.snapshot.snapshot import Snapshot
from meshscope.work import Work


@click.command("record", cls=Verb)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("-n", "--namespace", default="", metavar="NS", help="of a cluster: this namespace only; default: all")
@click.option(
    "-l", "--selector", "labels", default="", metavar="LABELS", help="of a cluster: pods with these labels only"
)
@redact_option
@keep_option
@anonymize_option
@click.option(
    "--resume",
    is_flag=True,
    help="add to OUT, an earlier recording: request what it does not contain, keep the rest",
)
@click.option("--every", type=Duration(), metavar="30s", help="record repeatedly, into the directory OUT")
@click.option(
    "--last", type=int, metavar="N", help=f"with --every: how many recordings stay, the newest; default: {DEFAULT}"
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
    last: int | None,
    keep: tuple[str, ...],
) -> int:
    """Write the sources into a recording: a directory, or by its name a .tar.gz or .zip.

    All other commands read it like the source itself: offline, later, elsewhere. It lists what could not be captured, with the
    reason. Ctrl-C keeps what has been captured so far, and --resume requests the rest; what OUT holds is never lost. A run
    stores at most 8 GiB, and at most half of the free disk.

    \b
    Examples:
      meshscope record out.tar.gz --from k8s:
      meshscope record out.tar.gz --from http://127.0.0.1:15000
      meshscope record for-an-issue.tar.gz --from k8s: --anonymize
      meshscope record before --from k8s: --every 30s --last 20
    """
    if resume and (every or redact or anonymize):
        raise UsageError("--resume continues one recording as it is: without --every, --redact and --anonymize")
    patterns, recordings = patterns_and_last(keep, last, repeats=bool(every))
    sharing = Sharing(redact=redact, anonymize=anonymize, keep=patterns)
    recorder = _Recorder(source, source.chosen(), namespace, labels, sharing)
    with _interruptible() as is_interrupted:
        if every:
            return _record_ring(recorder, out, every, recordings, is_interrupted)
        refuse(out, replaces=resume)
        earlier = earlier_recording(out) if resume and _holds_anything(out) else None
        recorder.record(out, is_interrupted, earlier)
    return ExitCode.INTERRUPTED if is_interrupted() else ExitCode.FINE


def _holds_anything(out: Path) -> bool:
    return any(out.iterdir()) if out.is_dir() else out.exists()


class _Recorder:
    def __init__(self, source: Source, chosen: tuple[str, ...], namespace: str, labels: str, sharing: Sharing) -> None:
        self._source = source
        self._chosen = chosen
        self._live = source.live.live(namespace=namespace, labels=labels)
        self._sharing = sharing

    def record(self, out: Path, is_interrupted: Callable[[], bool], earlier: Earlier | None = None) -> None:
        """`earlier` is the recording at `out`. Raises UnreachableError and UsageError; then nothing was written."""
        before = earlier.snapshot if earlier else None
        with progress("recording", quiet=self._source.quiet, unit="documents") as report:
            work = Work(report, is_interrupted)
            snapshot = open_snapshot(*self._chosen, live=self._live, earlier=before, work=work)
        if is_interrupted() and all(one.document.failure for one in snapshot.captured):
            self._source.narrate(["no document was captured before the interrupt, and nothing was written"])
            return
        if earlier:
            resume_recording(earlier, labelled(snapshot), out)
        else:
            shared = self._sharing.shared(labelled(snapshot)).snapshot
            write_recording(shared, out, is_named=not self._sharing.is_on)
        note_unreachable(snapshot.unreachable)
        self._summarise(snapshot, out)

    def _summarise(self, snapshot: Snapshot, out: Path) -> None:
        failed = [one.document for one in snapshot.captured if one.document.failure not in ("", CANCELLED)]
        captured = [one for one in snapshot.captured if not one.document.failure]
        proxies = {one.owner for one in captured if one.owner}
        self._source.narrate(
            [f"{out}: {len(captured)} documents, {len(proxies)} {'proxy' if len(proxies) == 1 else 'proxies'}"]
        )
        problems = [f"{one.document}: {one.message}" if one.document else one.message for one in snapshot.problems]
        problems.extend(f"{one.name}: {one.failure}" for one in failed)
        first = problems if self._source.verbose else problems[:3]
        self._source.narrate(f"not captured: {problem}" for problem in first)
        if more := len(problems) - len(first):
            self._source.narrate([f"… and {more} more; -v lists them, --resume requests them again"])


def _record_ring(recorder: _Recorder, folder: Path, every: float, keep: int, is_interrupted: Callable[[], bool]) -> int:
    """One recording every `every` seconds, of which the last `keep` stay: they show what changed just before a failure."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: --every writes recordings into a directory, and this is a file")
    while not is_interrupted():
        started = time.monotonic()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            recorder.record(next_path(folder), is_interrupted)
        except UnreachableError as error:  # the source may become reachable again
            click.echo(f"meshscope: {error}", err=True)
        except OSError as error:
            raise UsageError(f"cannot write {folder}: {error.strerror}") from None
        delete_oldest(folder, keep)
        while not is_interrupted() and time.monotonic() - started < every:
            time.sleep(0.1)
    return ExitCode.INTERRUPTED


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C makes the given function true; the second one ends the process as usual."""
    interrupted = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, before)
        click.echo("\nstopping: captured documents are kept (Ctrl-C again quits at once)", err=True)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: interrupted
    finally:
        signal.signal(signal.SIGINT, before)
