"""What is said of the sources: how old the picture is, who stopped answering and since when. No widget in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from meshscope.collect.rereading import Reading, Server, Silence
from meshscope.listing.glyphs import ERROR
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.render.text import safe, shortened
from meshscope.snapshot.snapshot import ProxyId

_NAME_CELLS = 24
_MINUTE, _HOUR = 60, 3600


class SourceState(Struct, frozen=True):
    """A few words for the title; `is_trouble` where somebody does not answer."""

    text: str = ""
    is_trouble: bool = False


def source_state(
    readings: Sequence[Reading], now: datetime, *, frozen_at: str = "", progress: tuple[int, int] = (0, 0)
) -> SourceState:
    """`live · 12 s ago`, `frozen 16:40:12`, `✗ istiod stopped answering 16:41:03`, `reading 40 %`; "" for recordings.

    `progress` is done and total of what is being read.
    """
    done, total = progress
    reading = f"reading {100 * done // total} %" if total else ""
    silent = [(each, silence) for each in readings for silence in each.silent]
    if silent:
        words = f"{ERROR} {_who(silent)} stopped answering {time_of(min(one.since for _, one in silent))}"
        return SourceState(" · ".join(filter(None, (words, reading, frozen_at and f"frozen {frozen_at}"))), True)
    answered = [each.answered_at for each in readings if each.is_live]
    age = f"live · {_age(min(answered), now)} ago" if answered else ""
    return SourceState(" · ".join(filter(None, ((frozen_at and f"frozen {frozen_at}") or age, reading))))


def _who(silent: Sequence[tuple[Reading, Silence]]) -> str:
    if len(silent) > 1:
        return f"{len(silent)} servers"
    reading, silence = silent[0]
    return shortened(safe(name_of(reading, silence.server)), _NAME_CELLS)


def name_of(reading: Reading, server: Server) -> str:
    """The server, or else the source in short: `istiod 127.0.0.1:15014`."""
    scheme, mark, place = reading.source.rpartition("://")
    source = f"istiod {place}" if scheme.startswith("istiod") else place if mark else reading.source
    return server.istiod or (str(server.owner) if server.owner else source)


def time_of(moment: str) -> str:
    """`16:41:03` of `2026-11-24T16:41:03Z`."""
    return moment[11:19]


def clock() -> str:
    """The time now as `time_of` gives it."""
    return datetime.now(UTC).strftime("%H:%M:%S")


def _age(moment: str, now: datetime) -> str:
    seconds = max(0, int((now - datetime.fromisoformat(moment)).total_seconds()))
    if seconds < 2 * _MINUTE:
        return f"{seconds} s"
    return f"{seconds // _MINUTE} min" if seconds < 2 * _HOUR else f"{seconds // _HOUR} h"


# --- who is silent -----------------------------------------------------------------------------------------------------


def silent_proxies(mesh: Mesh, readings: Iterable[Reading]) -> dict[ProxyId, str]:
    """What is to be said of each proxy that is shown as it was read before."""
    by_source = {reading.source: reading for reading in readings if reading.silent}
    found = ((proxy.id, _silence_of(proxy, by_source)) for proxy in mesh.proxies) if by_source else ()
    return {identity: text for identity, text in found if text}


def _silence_of(proxy: Proxy, by_source: dict[str, Reading]) -> str:
    for captured in proxy.account.captured:
        reading = by_source.get(captured.source)
        silence = reading.silence_of(captured) if reading else None
        if reading and silence:
            return _sentence("" if silence.server.owner else name_of(reading, silence.server), silence)
    return ""


def silent_others(readings: Iterable[Reading]) -> Iterator[str]:
    """A sentence for each source and each control plane that stopped answering."""
    for reading in readings:
        for silence in reading.silent:
            if silence.server.owner is None:
                yield _sentence(name_of(reading, silence.server), silence)


def _sentence(subject: str, silence: Silence) -> str:
    said = f"stopped answering {time_of(silence.since)} ({silence.why}): its last state is shown"
    return f"{subject} {said}" if subject else said
