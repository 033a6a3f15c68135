"""`meshscope report OUT.html`: the mesh at a glance, scopes and traces as one page that needs no network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from meshscope.cli import completing
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.progress import progress
from meshscope.cli.report_traces import asked, followed
from meshscope.cli.sharing import Shared, Sharing, anonymize_option, keep_option, redact_option
from meshscope.cli.verb import Verb
from meshscope.cli.writing import write
from meshscope.mesh.labelling import labelled
from meshscope.mesh.mesh import Mesh
from meshscope.render.html.page import Report, page
from meshscope.render.html.report import report_of
from meshscope.simulation.journey.simulator import Simulator
from meshscope.snapshot.packing import refuse_file, write_file
from meshscope.snapshot.snapshot import Snapshot
from meshscope.work import Work


@click.command("report", cls=Verb)
@click.argument("out", metavar="OUT.html")
@click.option(
    "--trace",
    "traces",
    multiple=True,
    metavar="'SOURCE DEST'",
    help="a request to follow, with the options of meshscope trace; repeatable",
)
@click.option("--requests", "file", type=click.Path(), metavar="FILE", help="one JSON request a line (- is stdin)")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="POD",
    shell_complete=completing.proxies,
    help="draw the scope of this pod, workload or app; repeatable; default: the proxies of the traces, else a few",
)
@redact_option
@keep_option
@anonymize_option
@click.option("--force", is_flag=True, help="replace OUT.html")
@source_options
def command(
    *,
    source: Source,
    out: str,
    traces: tuple[str, ...],
    file: str | None,
    proxies: tuple[str, ...],
    redact: bool,
    keep: tuple[str, ...],
    anonymize: bool,
    force: bool,
) -> None:
    """Write one HTML page to share: the mesh at a glance with its faults, traces, and the scopes of proxies.

    A scope draws a proxy's listeners, filter chains, routes, clusters and endpoints; a click on one of them narrows the
    others to what it reaches and what reaches it. The page is one file: it loads nothing, sends nothing, and is
    readable without scripts. OUT.html may be - (stdout).

    \b
    Examples:
      meshscope report mesh.html --from bug-report.tar.gz
      meshscope report ticket.html --trace 'productpage reviews' --trace "sleep http://ratings:9080/ -H 'end-user: jason'"
      meshscope report for-an-issue.html --from k8s: --proxy productpage --anonymize
    """
    sharing = Sharing(redact=redact, anonymize=anonymize, keep=keep)
    requests = asked(traces, file, sharing)
    if out != "-":
        refuse_file(Path(out), replaces=force)
    shared: list[Shared] = []

    def prepare(snapshot: Snapshot) -> Snapshot:
        shared.append(sharing.shared(labelled(snapshot) if sharing.is_on else snapshot))
        return shared[0].snapshot

    mesh = source.opened(prepare=prepare)
    with progress("drawing", quiet=source.quiet) as bar:
        found = followed(requests, Simulator(mesh, at=source.at), shared[0].request)
        names = [*map(shared[0].name, proxies)]
        report = report_of(mesh, at=source.at, followed=found, proxies=names, work=Work(bar))
    size = _write(page(report), out, replaces=force)
    if out != "-":
        source.narrate([f"{out}: {', '.join(_contents(mesh, report))}, {size / 1000:,.0f} kB"])


def _write(pieces: Iterator[str], out: str, *, replaces: bool) -> int:
    """Returns the bytes that were written."""
    if out == "-":
        is_utf8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
        write(pieces if is_utf8 else (piece.encode("ascii", "xmlcharrefreplace").decode() for piece in pieces))
        return 0
    write_file((piece.encode() for piece in pieces), Path(out), replaces=replaces)
    return Path(out).stat().st_size


def _contents(mesh: Mesh, report: Report) -> Iterator[str]:
    for count, noun, plural in (
        (len(mesh.proxies), "proxy", "proxies"),
        (len(report.traces), "trace", "traces"),
        (len(report.scopes), "scope", "scopes"),
    ):
        yield f"{count:,} {noun if count == 1 else plural}"
