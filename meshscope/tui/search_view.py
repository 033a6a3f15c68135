"""What the search over all proxies and manifests shows. No widget in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from meshscope.listing.find import find
from meshscope.listing.mention import COLUMNS, Mention, mention_ids
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.target import Target, target_in_proxy, target_of_object
from meshscope.work import UNFOLLOWED, Work

NARROW = tuple(index for index, column in enumerate(COLUMNS) if not column.wide)
WIDE = tuple(range(len(COLUMNS)))
"""Indices of the columns."""
_OWN_NAMES = ("metadata.name", "name")
"""Fields with the name of the thing itself."""
MOST_MENTIONS = 200_000
"""More of them are not kept: a text that is everywhere, such as `a`, answers nothing."""


def mentions(mesh: Mesh, text: str, work: Work = UNFOLLOWED, *, namespace: str = "") -> Rows[Mention]:
    """All mentions of a text, at most MOST_MENTIONS, in the proxies and objects of a namespace, "" for all. First comes what
    has the text for its name, then what has it in its name.

    Raises UsageError for an ambiguous kind, CancelledError.
    """
    with kept_from_collector():
        found = find(mesh, text, Selection(namespace=namespace), work)
        rows = tuple(
            sorted(_first(one for one in found if _is_in(one, namespace)), key=partial(_rank, text.casefold()))
        )
        return Rows(rows, mention_ids(rows), COLUMNS)


def _rank(text: str, mention: Mention) -> int:
    if mention.field not in _OWN_NAMES:
        return 2
    return 0 if mention.value.casefold() == text else 1


def _is_in(mention: Mention, namespace: str) -> bool:
    """Proxies are chosen by then. An object without a namespace counts as one of `default`, as in kubectl."""
    _, slash, _ = mention.name.rpartition("/")
    own = mention.name.partition(" ")[2].rpartition("/")[0] if slash else ""
    return not namespace or mention.proxy is not None or (own or "default") == namespace


def _first(found: Iterator[Mention]) -> Iterator[Mention]:
    for _, mention in zip(range(MOST_MENTIONS), found, strict=False):
        yield mention


def target_of(mesh: Mesh, mention: Mention) -> Target | None:
    """The object that contains a mention; None for one that no table lists."""
    if mention.proxy is None:
        return target_of_object(mesh, mention.name)
    name = f"{mention.name}/{mention.value}" if mention.kind == "endpoint" else mention.name
    return target_in_proxy(mesh, mention.kind, name, mention.proxy)


def summary(rows: Rows[Mention]) -> str:
    """`12 mentions in 3 proxies and the manifests`."""
    count = len(rows)
    if count >= MOST_MENTIONS:
        return f"the first {count:,} mentions; a longer text finds fewer"
    proxies = len({mention.proxy for mention in rows if mention.proxy is not None})
    places = [f"{proxies} prox{'y' if proxies == 1 else 'ies'}"] if proxies else []
    if any(mention.proxy is None for mention in rows):
        places.append("the manifests")
    return f"{count:,} mention{'' if count == 1 else 's'} in {' and '.join(places)}"
