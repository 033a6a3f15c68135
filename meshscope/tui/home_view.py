"""What Home shows: a state for each proxy, those with faults first. No widget in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.listing.column import Column
from meshscope.listing.faults import Fault, Severity, faults
from meshscope.listing.kinds import proxies
from meshscope.listing.row import RowOfProxy
from meshscope.listing.row_id import RowId
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.render.text import safe
from meshscope.work import UNFOLLOWED, Work

_SYNC = {"synced": "✓", "stale": "…", "error": "✗", "not_sent": "–", None: ""}


class FaultLine(Struct, frozen=True):
    severity: Severity
    line: str


class ProxyState(RowOfProxy, frozen=True, kw_only=True):
    """A proxy with its sync state and faults."""

    sync: proxies.ProxyRow
    faults: tuple[FaultLine, ...] = ()

    @property
    def mark(self) -> str:
        if any(fault.severity is Severity.ERROR for fault in self.faults):
            return "✗"
        return "▲" if self.faults else ""


class HomeView(Struct, frozen=True):
    """`is_complete` is false while faults are still looked for."""

    states: tuple[ProxyState, ...]
    is_complete: bool

    @property
    def with_faults(self) -> tuple[ProxyState, ...]:
        return tuple(state for state in self.states if state.faults)

    @property
    def errors(self) -> int:
        return sum(state.mark == "✗" for state in self.states)

    @property
    def warnings(self) -> int:
        return sum(state.mark == "▲" for state in self.states)


def home_view(mesh: Mesh, at: str, work: Work = UNFOLLOWED, *, faults_too: bool = True) -> HomeView:
    """Raises CancelledError."""
    by_name = {proxy.name: proxy for proxy in mesh.proxies}
    rows = list(proxies.rows(mesh, Selection(at=at)))
    states = []
    for done, row in enumerate(rows):
        work.step(done, len(rows))
        found: tuple[Fault, ...] = ()
        if faults_too and (proxy := by_name.get(row.name)):
            found = faults(mesh, proxy, at)
        lines = tuple(FaultLine(fault.severity, safe(fault.text)) for fault in found)
        states.append(ProxyState(proxy=row.name, sync=row, faults=lines, location=row.location))
    ranks = {"✗": 0, "▲": 1, "": 2}
    return HomeView(tuple(sorted(states, key=lambda state: ranks[state.mark])), faults_too)


def ids(states: Iterable[ProxyState]) -> Iterator[RowId]:
    return (RowId(state.proxy, "proxies", state.proxy) for state in states)


def _sync(field: str) -> Column[ProxyState]:
    return Column(field.upper(), lambda state: _SYNC.get(getattr(state.sync, field), "?"))


COLUMNS: tuple[Column[ProxyState], ...] = (
    Column(" ", lambda state: state.mark),
    Column("PROXY", lambda state: state.proxy),
    Column("KIND", lambda state: state.sync.kind),
    *(_sync(field) for field in ("cds", "lds", "eds", "rds")),
    Column("ISTIO", lambda state: state.sync.istio_version, rank=3),
    Column("ENVOY", lambda state: state.sync.envoy_version, rank=2),
    Column("ISTIOD", lambda state: state.sync.istiod, rank=4),
)
