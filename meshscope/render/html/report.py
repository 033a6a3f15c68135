"""The contents of a page, worked out from a mesh."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from meshscope.listing.home import captured_at, home_view, title_of
from meshscope.listing.scope import scope_of
from meshscope.listing.scope_lines import ScopeLines
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.redaction.texts import redacted_text
from meshscope.render.html.choice import choice, way
from meshscope.render.html.drawing import drawing
from meshscope.render.html.page import Report, TraceOutline
from meshscope.render.html.scope import DrawnScope
from meshscope.simulation.trace import Trace
from meshscope.work import UNFOLLOWED, Work


class Followed(Struct, frozen=True):
    """Requests that were followed: their `traces`, marked in the scopes, and `outlines`, errors among them.

    `note` says which were not followed, "" if none.
    """

    traces: tuple[Trace, ...] = ()
    outlines: tuple[TraceOutline, ...] = ()
    note: str = ""


NONE = Followed()


def report_of(
    mesh: Mesh, *, at: str = "", followed: Followed = NONE, proxies: Sequence[str] = (), work: Work = UNFOLLOWED
) -> Report:
    """`at` is the moment of judgement, "" the time of capture. `proxies` are names of those that are drawn.

    Raises UsageError for a name that no proxy has, and CancelledError.
    """
    mesh.index(work)
    home = home_view(mesh, at, work)
    chosen = choice(mesh, home, proxies, followed.traces)
    return Report(
        title=title_of(map(redacted_text, mesh.snapshot.sources)),
        captured_at=captured_at(mesh),
        home=home,
        traces=followed.outlines,
        scopes=tuple(_drawn(mesh, proxy, followed.traces, work) for proxy in chosen.proxies),
        traces_note=followed.note,
        scopes_note=chosen.note,
    )


def _drawn(mesh: Mesh, proxy: Proxy, traces: Sequence[Trace], work: Work) -> DrawnScope:
    lines = ScopeLines(mesh, proxy, scope_of(mesh, proxy, work))
    version = f"Envoy {proxy.envoy_version}" if proxy.envoy_version else ""
    facts = tuple(filter(None, (mesh.kind_of(proxy), proxy.id.mesh_cluster, version)))
    return DrawnScope(proxy.name, facts, drawing(lines, way(traces, proxy), work))
