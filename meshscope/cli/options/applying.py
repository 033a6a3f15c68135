"""`--with FILE`: manifests as if they were applied. A verb gets the files, and what would be of a mesh."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from meshscope.cli.options.source import Source
from meshscope.cli.verb import INPUT, Option
from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import STDIN, open_snapshot

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from meshscope.overlay.what_if import WhatIf


def _files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # only when a shell asks

    return [CompletionItem(incomplete, type="file")]


def with_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the option; the verb's parameter is `files`."""
    option = click.option(
        "--with", "files", multiple=True, metavar="FILE", cls=Option, section=INPUT, shell_complete=_files,
        help="manifests as if they were applied: a file, a folder, - (stdin); repeatable",
    )  # fmt: skip
    return option(function)


def what_if_of(source: Source, mesh: Mesh, files: tuple[str, ...]) -> WhatIf:
    """Raises UsageError for a file that does not exist, or has no object in it."""
    from meshscope.overlay.what_if import WhatIf  # only for --with

    if STDIN in files and (files.count(STDIN) > 1 or STDIN in source.sources):
        raise UsageError("stdin can be read once: name a file for one of them")
    given = Mesh(open_snapshot(*files))
    source.tell_problems(given)
    if not given.objects:
        raise UsageError(f"--with {' '.join(files)}: no Kubernetes object in it")
    with source.reading() as work:
        found = WhatIf(mesh, given.objects, work=work)
    if not found.applied:
        source.narrate([f"every object of {', '.join(files)} is in this input already, and says the same"])
    return found
