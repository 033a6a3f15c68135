"""Completion of kinds, proxies and names; of names from the snapshot that the command line reads. Silent when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from meshscope.mesh.mesh import Mesh


def kinds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from meshscope.mesh.kinds.registry import words  # noqa: PLC0415  # only when a shell asks

    return [word for word in words() if word.startswith(incomplete)]


def proxies(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    mesh = _mesh(ctx)
    names = {name for proxy in mesh.proxies for name in (proxy.name, proxy.workload) if name} if mesh else set()
    return sorted(name for name in names if name.startswith(incomplete))


def names(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Names of the kind that stands before."""
    from meshscope.errors import MeshscopeError  # noqa: PLC0415  # only when a shell asks
    from meshscope.mesh.kinds.registry import kind_named  # noqa: PLC0415
    from meshscope.mesh.kinds.selection import Selection  # noqa: PLC0415

    mesh = _mesh(ctx)
    if mesh is None:
        return []
    try:
        kind = kind_named(str(ctx.params.get("kind", "")), mesh)
    except MeshscopeError:
        return []
    found: Any = {kind.key(row) for row in kind.rows(mesh, Selection())}
    return sorted(name for name in found if name.startswith(incomplete))


def objects(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """`kind/name`."""
    kind, slash, name = incomplete.partition("/")
    if not slash:
        return [f"{word}/" for word in kinds(ctx, _param, kind)]
    ctx.params["kind"] = kind
    return [f"{kind}/{found}" for found in names(ctx, _param, name)]


def _mesh(ctx: click.Context) -> Mesh | None:
    from meshscope.cli.source_options import DEMO, configured  # noqa: PLC0415  # only when a shell asks
    from meshscope.errors import MeshscopeError  # noqa: PLC0415
    from meshscope.mesh.mesh import Mesh  # noqa: PLC0415
    from meshscope.snapshot.reading import open_snapshot  # noqa: PLC0415

    try:
        return Mesh(open_snapshot(*(ctx.params.get("sources") or configured() or (DEMO,))))
    except MeshscopeError:
        return None
