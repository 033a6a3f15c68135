"""Sources of every kind, as the user types them -> one snapshot. Recorded sources never need a network.

Invariant: live sources that give no document at all are an error, if nothing else gives one; anything less is a problem of
the snapshot, and a whole source is `unreachable` in it.
"""

from __future__ import annotations

from meshscope.collect.live import Live
from meshscope.errors import UnreachableError
from meshscope.snapshot import naming, reading
from meshscope.snapshot.snapshot import Snapshot, joined
from meshscope.work import UNFOLLOWED, Work


def open_snapshot(
    *sources: str, live: Live | None = None, earlier: Snapshot | None = None, work: Work = UNFOLLOWED
) -> Snapshot:
    """Everything in the sources, in their order.

    A source is a path to a directory, to an archive (.tar, .tar.gz, .zip) or to a single file, `-` for stdin, `demo` for the
    bundled recording, or a live source: `http://HOST:15000` (an Envoy's admin; `http+unix://SOCKET` too),
    `istiod+http://HOST:15014`, `k8s:CONTEXT/NAMESPACE`. `NAME=SOURCE` names its mesh cluster. `live` has the settings of live
    sources; their documents that `earlier`, an earlier snapshot, contains are not requested again. `work.progress` counts bytes
    of an archive, files of a directory, documents of a live source. On cancellation the snapshot has what was captured so far.

    Raises UsageError for a source that does not exist, UnreachableError where live sources and no other ones give no document.
    Whatever else cannot be read is a problem of the snapshot.
    """
    named = [(source, *naming.split_name(source, reading.WORDS)) for source in sources]
    if not any(naming.is_live(place) for _, _, place in named):
        return reading.open_snapshot(*sources, work=work)
    from meshscope.collect.collecting import collect  # recorded sources need no network
    from meshscope.collect.collection import CollectionRun, Progress
    from meshscope.collect.spool import Spool

    recorded_sources = [source for source, _, place in named if not naming.is_live(place)]
    recorded = (
        reading.open_snapshot(*recorded_sources, work=Work(cancelled=work.cancelled))
        if recorded_sources
        else Snapshot()
    )
    live_sources = [one for one in named if naming.is_live(one[2])]
    run = CollectionRun(live or Live(), Progress(work), Spool(), earlier)
    snapshot = joined((recorded, *collect(live_sources, run)))
    if snapshot.unreachable and not snapshot.captured:
        raise UnreachableError(snapshot.unreachable[0])
    return snapshot
