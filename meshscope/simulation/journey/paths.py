"""From a way's end to a Path: its disposition, and what it would be if every assumption held."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.delay import FLAG
from meshscope.simulation.trace import Hop, Path, Response

DELAYED = Response(code=200, flags=FLAG, details="via_upstream")
"""What the log says where a fault only delays: the upstream's answer, taken to be 200."""


def path_of(
    hops: tuple[Hop, ...],
    probability: float | None,
    assuming: tuple[str, ...],
    end: End | None,
    *,
    delayed: bool = False,
) -> Path:
    """`end` None: delivered. With assumptions the disposition is unknown, and `if_passed` says how it ends if they hold."""
    assumed = tuple(dict.fromkeys(assuming))
    disposition = end.disposition if end else Disposition.DELIVERED
    response = end.response if end else DELAYED if delayed else None
    if assumed and disposition is not Disposition.UNKNOWN:
        return Path(
            probability=probability,
            disposition=Disposition.UNKNOWN,
            response=None,
            hops=hops,
            assuming=assumed,
            if_passed=disposition,
        )
    return Path(probability=probability, disposition=disposition, response=response, hops=hops, assuming=assumed)


def limited(paths: tuple[Path, ...], most: int) -> tuple[Path, ...]:
    """The likeliest paths first; those beyond `most` are one path that counts them."""
    kept = sorted((path for path in paths if path.probability != 0), key=lambda path: -(path.probability or 0.0))
    if len(kept) <= most:
        return tuple(kept)
    shown, rest = kept[: most - 1], kept[most - 1 :]
    known = [path.probability for path in rest if path.probability is not None]
    endings = {path.disposition for path in rest}
    disposition = endings.pop() if len(endings) == 1 else Disposition.UNKNOWN
    first = rest[0]
    merged = replace(
        first, probability=sum(known) if known else None, disposition=disposition, others=len(rest), hops=first.hops[:1]
    )
    return (*shown, merged)
