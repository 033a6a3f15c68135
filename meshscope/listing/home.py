"""The mesh at a glance: a state for each proxy, those with faults first; control planes; when and whence; what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from meshscope.listing.certificates import certificate_word
from meshscope.listing.column import Column
from meshscope.listing.faults import Fault, Severity, faults
from meshscope.listing.glyphs import ABSENT, ERROR, PENDING, WARNING, WELL
from meshscope.listing.kinds import proxies
from meshscope.listing.row import RowOfProxy
from meshscope.listing.row_id import RowId, row_ids
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.snapshot.snapshot import ProxyId
from meshscope.work import UNFOLLOWED, Work

_SYNC = {"synced": WELL, "stale": PENDING, "error": ERROR, "not_sent": ABSENT}
_IN_SYNC = ("synced", "not_sent")
_FIELDS = ("cds", "lds", "eds", "rds")
_MOST_NAMES = 3


class FaultRow(RowOfProxy, frozen=True, kw_only=True):
    """A fault of a proxy. `place` is where its owner is written, else the resource in the dump; "" where neither is known."""

    fault: Fault
    place: str = ""

    @property
    def mark(self) -> str:
        return ERROR if self.fault.severity is Severity.ERROR else WARNING


class ProxyState(RowOfProxy, frozen=True, kw_only=True):
    """A proxy with its sync state and faults, errors first. `certificate` is "" while faults are still looked for."""

    sync: proxies.ProxyRow
    faults: tuple[FaultRow, ...] = ()
    certificate: str = ""

    @property
    def mark(self) -> str:
        return self.faults[0].mark if self.faults else ""


class ControlPlane(Struct, frozen=True):
    """An istiod that was captured: the proxies that it serves, and how many have all that it sent."""

    name: str
    proxies: int
    in_sync: int


class HomeView(Struct, frozen=True):
    """`is_complete` is false while faults are still looked for. `missing` are sentences."""

    states: tuple[ProxyState, ...]
    control_planes: tuple[ControlPlane, ...]
    missing: tuple[str, ...]
    is_complete: bool

    @property
    def faults(self) -> tuple[FaultRow, ...]:
        """Errors first, then by proxy."""
        every = [fault for state in self.states for fault in state.faults]
        return tuple(sorted(every, key=lambda row: row.fault.severity is not Severity.ERROR))

    @property
    def errors(self) -> int:
        return sum(row.mark == ERROR for row in self.faults)

    @property
    def warnings(self) -> int:
        return len(self.faults) - self.errors


def home_view(  # noqa: PLR0913  # all that a session has
    mesh: Mesh,
    at: str,
    work: Work = UNFOLLOWED,
    *,
    namespace: str = "",
    silent: Mapping[ProxyId, str] = {},
    others: Iterable[str] = (),
    faults_too: bool = True,
) -> HomeView:
    """`namespace` narrows the proxies, "" is all. `silent` says of proxies that they stopped answering, which is then their
    first fault; `others` are sentences about what else is missing.

    Raises CancelledError.
    """
    known = proxies_by_place(mesh)
    rows = list(proxies.rows(mesh, Selection(at=at)))
    states = []
    for done, row in enumerate(rows):
        work.step(done, len(rows))
        if namespace not in ("", row.namespace):
            continue
        proxy = known.get((row.name, row.mesh_cluster or "")) if faults_too else None
        found = faults(mesh, proxy, at) if proxy else ()
        if proxy and proxy.id in silent:
            found = (Fault(Severity.ERROR, silent[proxy.id]), *found)
        shown = tuple(FaultRow(proxy=row.name, fault=fault, place=_place(mesh, fault)) for fault in found)
        word = certificate_word(mesh, proxy, at) if proxy else ""
        states.append(ProxyState(proxy=row.name, sync=row, faults=shown, certificate=word, location=row.location))
    ranks = {ERROR: 0, WARNING: 1, "": 2}
    states.sort(key=lambda state: ranks[state.mark])
    return HomeView(tuple(states), tuple(_control_planes(mesh, rows)), (*others, *_missing(mesh)), faults_too)


def proxies_by_place(mesh: Mesh) -> dict[tuple[str, str], Proxy]:
    """By name and mesh cluster: two clusters may have a proxy of one name."""
    return {(proxy.name, proxy.id.mesh_cluster): proxy for proxy in mesh.proxies}


def _place(mesh: Mesh, fault: Fault) -> str:
    """`istio.yaml:71`; without a manifest of the owner the place in the dump."""
    kind, _, name = fault.owner.partition(" ")
    namespace, _, name = name.rpartition("/")
    owner = next((each for each in mesh.objects_by.of_kind(kind, None, namespace) if each.name == name), None)
    if owner is None and not (fault.location and fault.name):
        return ""
    place = (owner.location if owner else fault.location).place()  # type: ignore[union-attr]  # one of them is there
    document = place.document.rstrip("/").rpartition("/")[2]
    return f"{document}:{place.line}" if place.line else document


def _control_planes(mesh: Mesh, rows: Iterable[proxies.ProxyRow]) -> Iterator[ControlPlane]:
    served = Counter(row.istiod or "" for row in rows if row.cds is not None)
    in_sync = Counter(
        row.istiod or "" for row in rows if row.cds and all(getattr(row, field) in _IN_SYNC for field in _FIELDS)
    )
    captured = {answer.captured.istiod for answer in mesh.answers if answer.captured.istiod}
    for name in sorted({*served, *captured}):
        yield ControlPlane(name, served[name], in_sync[name])


def _missing(mesh: Mesh) -> Iterator[str]:
    if not any(answer.kind == "debug/syncz" for answer in mesh.answers):
        yield "no control plane's sync states were captured"
    if not mesh.manifests:
        yield "no manifests were captured: owners have no line"
    without = [proxy.name for proxy in mesh.proxies if not proxy.view]
    if without:
        yield f"no configuration of {_names(without)} was captured"
    of_istiod = [proxy.name for proxy in mesh.proxies if proxy.view == "istiod"]
    if of_istiod:
        yield f"istiod's view only of {_names(of_istiod)}: Envoy's own configuration was not captured"
    for problem in mesh.problems[:1]:
        count = len(mesh.problems)
        lead = f"{count:,} problems of the input, the first: " if count > 1 else ""
        yield f"{lead}{_brief(problem.document)}: {problem.message}"


def _brief(document: str) -> str:
    """The end of a path that tells it from others: what comes before it is in the title."""
    parts = document.split("/")
    return document if len(parts) <= _PLACE_PARTS else "/".join(("…", *parts[-_PLACE_PARTS:]))


_PLACE_PARTS = 2
"""The last folder and the name."""


def _names(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} proxies"


def title_of(sources: Iterable[str]) -> str:
    """The sources in a few words."""
    return " + ".join(source.rstrip("/").rpartition("/")[2] or source for source in sources)


def captured_at(mesh: Mesh) -> str:
    """The latest time of capture, to the minute; "" where it is unknown."""
    latest = max((captured.captured_at for captured in mesh.snapshot.captured), default="")
    return latest[:16].replace("T", " ")


def counts(home: HomeView) -> str:
    """`9 proxies: 8 sidecars, 1 gateway`."""
    total = len(home.states)
    kinds = Counter(state.sync.kind or "of unknown kind" for state in home.states)
    parts = ", ".join(f"{number} {kind}{_plural(kind, number)}" for kind, number in kinds.most_common())
    return f"{total} prox{'y' if total == 1 else 'ies'}" + (f": {parts}" if total else "")


def _plural(kind: str, number: int) -> str:
    return "" if number == 1 or " " in kind else "s"


def control_plane_line(home: HomeView) -> str:
    """`istiod-1 serves 9 proxies, 8 in sync`."""
    planes = home.control_planes
    said = [
        f"{plane.name or 'istiod'} serves {plane.proxies}, {plane.in_sync} in sync" for plane in planes[:_MOST_NAMES]
    ]
    more = len(planes) - _MOST_NAMES
    return " · ".join(said) + (f" · {more} more" if more > 0 else "")


# --- tables ----------------------------------------------------------------------------------------------------------


def proxy_table(states: Iterable[ProxyState]) -> Rows[ProxyState]:
    states = tuple(states)
    return Rows(states, (RowId(state.proxy, "proxies", state.proxy) for state in states), PROXY_COLUMNS)


def fault_table(found: Iterable[FaultRow]) -> Rows[FaultRow]:
    found = tuple(found)
    return Rows(found, row_ids((row.proxy, "faults", row.fault.text) for row in found), FAULT_COLUMNS)


def _sync(field: str) -> Column[ProxyState]:
    """Empty where no control plane says so."""

    def cell(state: ProxyState) -> str:
        value = getattr(state.sync, field)
        return "" if value is None else _SYNC.get(value, "?")

    return Column(field.upper(), cell)


PROXY_COLUMNS: tuple[Column[ProxyState], ...] = (
    Column(" ", lambda state: state.mark),
    Column("PROXY", lambda state: state.proxy),
    Column("KIND", lambda state: state.sync.kind, rank=1),
    *(_sync(field) for field in _FIELDS),
    Column("CERT", lambda state: state.certificate, rank=1),
    Column("ENVOY", lambda state: state.sync.envoy_version, rank=2),
    Column("ISTIO", lambda state: state.sync.istio_version, rank=3),
    Column("ISTIOD", lambda state: state.sync.istiod, rank=4),
    Column("WORKLOAD", lambda state: state.sync.workload, wide=True),
    Column("IP", lambda state: state.sync.ip, wide=True),
    Column("VIEW", lambda state: state.sync.view, wide=True),
    Column("CAPTURED", lambda state: state.sync.captured_at, wide=True),
)
STATE, PROXY_NAME = 0, 1
"""The columns of the glyph, and of what a narrow terminal cuts last."""

FAULT_COLUMNS: tuple[Column[FaultRow], ...] = (
    Column(" ", lambda row: row.mark),
    Column("PROXY", lambda row: row.proxy),
    Column("FAULT", lambda row: row.fault.text),
    Column("OWNER", lambda row: row.fault.owner, rank=1),
    Column("PLACE", lambda row: row.place, rank=2),
)
