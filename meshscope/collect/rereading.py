"""One source, read and read again. What stopped answering keeps its last documents.

Invariant: a reading never has less evidence than the one before because somebody did not answer; who that is, is `silent`.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.collect.file_version import file_version
from meshscope.collect.live import Live, utc_now
from meshscope.collect.live_source import KubernetesSource, live_source
from meshscope.collect.opening import open_snapshot
from meshscope.errors import CancelledError, MeshscopeError
from meshscope.snapshot import naming, reading
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot
from meshscope.work import UNFOLLOWED, Work

NOT_ASKED = ""
"""The version of a live source that was read once."""
_ASKED_FIRST = ("config_dump", "ztunnel", "debug/list")
"""Documents without which a server counts as one that does not answer."""


class Server(Struct, frozen=True):
    """A proxy or a control plane of a source; without both the source itself."""

    owner: ProxyId | None = None
    istiod: str = ""

    def has(self, captured: Captured) -> bool:
        """Whether it is the server that gave a document."""
        if self.istiod:
            return captured.istiod == self.istiod
        return self.owner is None or (captured.owner == self.owner and not captured.istiod)


class Silence(Struct, frozen=True):
    """A server that stopped answering: since when (RFC 3339), and why."""

    server: Server
    since: str
    why: str


class Reading(Struct, frozen=True):
    """A source as it was read last. `version` is its fingerprint, None where it has none.

    `answered_at` is when the source last answered (RFC 3339), `silent` are those that did not since then: their documents are
    those of an earlier reading.
    """

    source: str
    snapshot: Snapshot
    version: str | None = None
    answered_at: str = ""
    silent: tuple[Silence, ...] = ()

    @property
    def is_live(self) -> bool:
        return is_live(self.source)

    @property
    def is_silent(self) -> bool:
        """Whether the whole source does not answer."""
        return any(silence.server == Server() for silence in self.silent)

    def silence_of(self, captured: Captured) -> Silence | None:
        """Why a document of this source is not of the last reading; None where it is."""
        return next((silence for silence in self.silent if silence.server.has(captured)), None)


def is_live(source: str) -> bool:
    return naming.is_live(naming.split_name(source, reading.WORDS)[1])


def read(source: str, live: Live, work: Work = UNFOLLOWED) -> Reading:
    """Raises the errors of `open_snapshot`, and CancelledError."""
    version = _first_version(source)
    snapshot = open_snapshot(source, live=live, work=work)
    _raise_if_cancelled(work)
    return Reading(source, snapshot, version, utc_now())


def read_again(before: Reading, live: Live, work: Work = UNFOLLOWED, *, whole: bool = False) -> Reading:
    """The same reading where the fingerprint says that nothing changed; `whole` reads a live source in any case.

    Raises CancelledError alone: a source that does not answer gives what it had, and is silent.
    """
    version = _version(before.source, live, work)
    _raise_if_cancelled(work)
    is_same = version is not None and version == before.version and not before.silent
    if is_same and not (whole and before.is_live):
        return replace(before, answered_at=utc_now())
    try:
        snapshot = open_snapshot(before.source, live=live, work=work)
    except MeshscopeError as error:
        _raise_if_cancelled(work)
        return replace(before, silent=tuple(_still(before, [Silence(Server(), utc_now(), _reason(before, error))])))
    _raise_if_cancelled(work)
    now = replace(before, snapshot=snapshot, version=version, answered_at=utc_now(), silent=())
    return kept(before, now) if before.is_live else now


def kept(before: Reading, now: Reading) -> Reading:
    """The newer reading, with the last documents of each server that did not answer this time and did before."""
    silent = tuple(_still(before, _silences(before, now)))
    if not silent:
        return now
    servers = [silence.server for silence in silent]
    newer = [one for one in now.snapshot.captured if not any(server.has(one) for server in servers)]
    older = [one for one in before.snapshot.captured if any(server.has(one) for server in servers)]
    return replace(now, snapshot=replace(now.snapshot, captured=(*newer, *older)), silent=silent)


def _silences(before: Reading, now: Reading) -> Iterator[Silence]:
    had, gave = (
        {_server(one) for one in each.snapshot.captured if not one.document.failure and (one.istiod or _is_first(one))}
        for each in (before, now)
    )
    for one in now.snapshot.captured:
        server = _server(one)
        if _is_first(one) and one.document.failure and server in had - gave:
            yield Silence(server, now.answered_at, one.document.failure)


def _still(before: Reading, silences: list[Silence] | Iterator[Silence]) -> Iterator[Silence]:
    """A server that was silent before is so since then."""
    since = {silence.server: silence.since for silence in before.silent}
    for silence in silences:
        yield replace(silence, since=since.get(silence.server, silence.since))


def _is_first(captured: Captured) -> bool:
    return captured.kind in _ASKED_FIRST


def _server(captured: Captured) -> Server:
    return Server(istiod=captured.istiod) if captured.istiod else Server(captured.owner)


def _reason(before: Reading, error: MeshscopeError) -> str:
    """Without the advice for a first try, and without the source's own name."""
    return str(error).removeprefix(f"{before.source}: ").partition("; ")[0]


def _first_version(source: str) -> str | None:
    """As it was before the reading. A live source is not asked for it: the first frame would wait."""
    place = naming.split_name(source, reading.WORDS)[1]
    if not naming.is_live(place):
        return file_version(place)
    return None if isinstance(live_source(place), KubernetesSource) else NOT_ASKED


def _version(source: str, live: Live, work: Work) -> str | None:
    if not is_live(source):
        return _first_version(source)
    from meshscope.collect.versions import versions  # the network's client, which recordings do not need

    return versions([source], live, work)


def _raise_if_cancelled(work: Work) -> None:
    """What is cancelled is a part of the source, and no reading of it."""
    if work.cancelled is not None and work.cancelled():
        raise CancelledError("cancelled: the source was not read to its end")
