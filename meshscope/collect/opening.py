"""Sources of every kind, as the user types them -> one snapshot. Recorded ones never need a network.

Invariant: a live source that gives nothing at all is an error; anything less is a problem of the snapshot.
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.collect.live import Live
from meshscope.snapshot import naming, reading
from meshscope.snapshot.member import Watch
from meshscope.snapshot.snapshot import Snapshot, joined


def open_snapshot(
    *sources: str,
    live: Live | None = None,
    known: Snapshot | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Snapshot:
    """Everything that the sources hold, in their order.

    A source is a path to a directory, to an archive (.tar, .tar.gz, .zip) or to a single file, `-` for stdin, `demo` for the
    bundled recording, or a live one: `http://HOST:15000` (an Envoy's admin; `http+unix://SOCKET` too),
    `istiod+http://HOST:15014`, `k8s:CONTEXT/NAMESPACE`. `NAME=SOURCE` names its mesh cluster. `live` says how live ones are
    asked; what an earlier snapshot, `known`, has of them is not asked for again. `progress(done, total)` counts bytes of an
    archive, files of a directory, documents of a live source. Once `cancelled()` is true the snapshot holds what came.

    Raises UsageError for a source that does not exist, UnreachableError for a live one that gives nothing. Whatever else
    can't be read is a problem of the snapshot.
    """
    named = [(source, *naming.split_name(source, reading.WORDS)) for source in sources]
    if not any(naming.is_live(place) for _, _, place in named):
        return reading.open_snapshot(*sources, progress=progress, cancelled=cancelled)
    from meshscope.collect.collecting import collected  # recorded sources need no network
    from meshscope.collect.collection import Run, Tally
    from meshscope.collect.spool import Spool

    recorded = [source for source, _, place in named if not naming.is_live(place)]
    found = reading.open_snapshot(*recorded, cancelled=cancelled) if recorded else Snapshot()
    lives = [one for one in named if naming.is_live(one[2])]
    run = Run(live or Live(), Tally(Watch(progress, cancelled)), Spool(), known)
    return joined((found, *collected(lives, run)))
