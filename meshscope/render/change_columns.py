"""Tables of what would be different, were manifests applied: proxies in which the same would be share a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.listing.column import Column
from meshscope.overlay.change import Change, NotRebuilt, Reach


class ChangeLine(Struct, frozen=True):
    """One change, and the proxies that would have it."""

    change: Change
    proxies: tuple[str, ...]


def change_lines(changes: Iterable[Change]) -> tuple[ChangeLine, ...]:
    """In the order in which the first proxy has each."""
    found: dict[tuple[object, ...], list[Change]] = {}
    for one in changes:
        key = (one.what, one.name, one.change, one.object, one.rule, one.before, one.after, one.differences)
        found.setdefault(key, []).append(one)
    return tuple(ChangeLine(same[0], tuple(dict.fromkeys(one.proxy for one in same))) for same in found.values())


def not_rebuilt_lines(items: Iterable[NotRebuilt]) -> Iterator[str]:
    """What cannot be told or does nothing, with how many proxies that is about."""
    found: dict[str, list[str]] = {}
    for one in items:
        begin = "not in effect" if one.decides is Reach.NOWHERE else "not known"
        found.setdefault(f"{begin}: {one}", []).append(one.proxy or "")
    for words, proxies in found.items():
        named = list(dict.fromkeys(filter(None, proxies)))
        where = "" if not named else f" ({named[0]})" if len(named) == 1 else f" ({len(named)} proxies)"
        yield f"{words}{where}"


def _proxies(line: ChangeLine) -> str:
    return f"{len(line.proxies)} proxies" if len(line.proxies) > 2 else ", ".join(line.proxies)


def _rule(line: ChangeLine) -> str:
    return f"{line.change.object} {line.change.rule}".strip() or "-"


def _difference(line: ChangeLine) -> str:
    """Field by field where both sides have it."""
    one = line.change
    if one.differences:
        return "; ".join(
            f"{each.field} {each.actual or 'none'} → {each.expected or 'none'}" for each in one.differences
        )
    return (one.after if one.after is not None else one.before) or ""


OF_CHANGES: tuple[Column[ChangeLine], ...] = (
    Column("CHANGE", lambda line: line.change.change.value),
    Column("WHAT", lambda line: line.change.what),
    Column("NAME", lambda line: line.change.name),
    Column("PROXIES", _proxies, rank=1),
    Column("DIFFERENCE", _difference),
    Column("BY", _rule, rank=2),
    Column("BEFORE", lambda line: line.change.before, wide=True),
    Column("AFTER", lambda line: line.change.after, wide=True),
)
