"""Where facts come from: `--from`, `$MESHSCOPE_FROM`, the configuration file, else the bundled recording."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

F = TypeVar("F", bound=Callable[..., Any])
DEMO = "demo"


def source_options(function: F) -> F:
    """The options that choose sources and how they are read."""
    for option in reversed((
        click.option("--from", "sources", multiple=True, metavar="SOURCE",
                     help="a dump, folder, archive, bug-report, - (stdin) or demo; repeatable, sources add up"),
        click.option("--view", type=click.Choice(["envoy", "istiod"]), help="whose account of a proxy counts"),
        click.option("--at", metavar="TIME", default="", help="judge validity at this time (RFC 3339); default: the capture"),
        click.option("-q", "--quiet", is_flag=True, help="no narration on stderr"),
        click.option("-v", "--verbose", is_flag=True, help="list every problem of the input"),
    )):  # fmt: skip
        function = option(function)
    return function


def opened(sources: tuple[str, ...], view: str | None, *, quiet: bool, verbose: bool) -> Mesh:
    """The mesh that the sources hold. Says on stderr what is read when nobody said it, and what could not be read."""
    chosen = sources or configured()
    if not chosen:
        chosen = (DEMO,)
        if not quiet:
            click.echo("reading the bundled Bookinfo recording; --from reads your own", err=True)
    from meshscope.cli.progress import progress  # noqa: PLC0415  # a bar is drawn for long work only

    with progress("reading", quiet=quiet) as told:
        mesh = Mesh(open_snapshot(*chosen, progress=told), view=view or "")
    tell_problems(mesh, quiet=quiet, verbose=verbose)
    return mesh


def configured() -> tuple[str, ...]:
    """Sources of the environment, else of the configuration file. Raises UsageError for a file that cannot be read."""
    if named := os.environ.get("MESHSCOPE_FROM"):
        return tuple(named.split(os.pathsep)) if not Path(named).exists() else (named,)
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    file = Path(home) / "meshscope" / "config.yaml"
    if not file.is_file():
        return ()
    import yaml  # noqa: PLC0415  # only with a configuration file

    try:
        settings = yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None
    sources = settings.get("from", ()) if isinstance(settings, dict) else ()
    return (sources,) if isinstance(sources, str) else tuple(map(str, sources or ()))


def tell_problems(mesh: Mesh, *, quiet: bool, verbose: bool, before: int = 0) -> None:
    """What could not be read: each with -v, else the first and how many more."""
    from meshscope.render.text import safe  # noqa: PLC0415  # rarely anything to tell

    problems = mesh.problems[before:]
    if quiet or not problems:
        return
    for problem in problems if verbose else problems[:1]:
        where = f"{problem.document}: " if problem.document else ""
        click.echo(f"problem: {safe(where + problem.message)}", err=True)
    if not verbose and len(problems) > 1:
        click.echo(f"… and {len(problems) - 1} more problems; -v lists them", err=True)
