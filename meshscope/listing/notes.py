"""What a reader of a list has to know beside its rows; a face spells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from meshscope.envoy.resource import ERROR, SECRET
from meshscope.errors import UsageError
from meshscope.listing.kind import Kind
from meshscope.listing.selection import ALL_STATES, Selection
from meshscope.mesh.account import ISTIOD
from meshscope.mesh.field_problems import wrong_fields
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.refusals import refusals

MOST_REFUSED = 5
MOST_WRONG_FIELDS = 5


class Notes(Struct, frozen=True):
    """`missing` says what was not captured. `is_istiods_view` is true where only istiod's account of the proxies was
    captured, not Envoy's own.

    `is_empty` is true where nothing is listed though the evidence is complete: no resource passes the `filters` (fields
    of a Selection with their values), or without filters the input has none of the kind. `refused` are updates that the
    proxies refused, unless the list shows them, `wrong_fields` what the API server would drop or reject of listed objects.
    `is_a_proxys_name`: nothing of a proxy has the name that was asked for, but a proxy has. `near`: the values that are
    nearest to one that no row has, as `; did you mean …?`. `without_time`: proxies whose certificates are listed without being
    judged, since the time of their capture is not known.
    """

    kind: str
    is_empty: bool
    filters: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    is_istiods_view: bool
    refused: tuple[str, ...] = ()
    wrong_fields: tuple[str, ...] = ()
    is_a_proxys_name: bool = False
    near: str = ""
    without_time: int = 0


def notes(mesh: Mesh, kind: Kind[Any], selection: Selection, count: int) -> Notes:
    """The notes of a list with `count` rows. Raises UsageError for an unknown proxy."""
    missing = kind.missing(mesh, selection)
    is_empty = not count and not missing
    is_proxy = not count and kind.is_per_proxy and not selection.proxy and _is_proxy(mesh, selection.name)
    views = {proxy.view for proxy in selection.proxies(mesh)} if kind.is_per_proxy else set()
    return Notes(
        kind.name,
        is_empty,
        selection.filters(),
        missing,
        views == {ISTIOD},
        tuple(_refused(mesh, kind, selection)),
        tuple(_wrong_fields(mesh, kind, selection)),
        is_proxy,
        _near(mesh, kind, selection) if is_empty and not is_proxy else "",
        _without_time(mesh, selection) if kind.resource == SECRET and count else 0,
    )


def _is_proxy(mesh: Mesh, name: str) -> bool:
    from meshscope.mesh.proxy_names import proxies_named  # only for an empty list

    try:
        return bool(name) and bool(proxies_named(mesh, name))
    except UsageError:
        return False


def _without_time(mesh: Mesh, selection: Selection) -> int:
    return 0 if selection.at else sum(not proxy.account.captured_at for proxy in selection.proxies(mesh))


def _near(mesh: Mesh, kind: Kind[Any], selection: Selection) -> str:
    from meshscope.listing.near_values import near_values  # only for an empty list

    return near_values(mesh, kind, selection)


def _refused(mesh: Mesh, kind: Kind[Any], selection: Selection) -> Iterator[str]:
    is_shown = selection.state in (ERROR, ALL_STATES) and any(column.title == "ERROR" for column in kind.columns)
    if not kind.resource or is_shown:
        return
    found = [one for proxy in selection.proxies(mesh) for one in refusals(proxy, kind.resource)]
    named = [one for one in found if selection.name in ("", one.name)] if kind.name != "filterchains" else found
    yield from map(str, named[:MOST_REFUSED])
    if (more := len(named) - MOST_REFUSED) > 0:
        yield f"and {more} more updates were refused: --state error lists them"


def _wrong_fields(mesh: Mesh, kind: Kind[Any], selection: Selection) -> Iterator[str]:
    if kind.resource or kind.is_per_proxy:
        return
    from meshscope.listing.kinds.objects import ObjectKind, objects  # only for what may be a list of objects

    if not isinstance(kind, ObjectKind):
        return
    found = [(item, one) for item in objects(mesh, kind.entry, selection) for one in wrong_fields(mesh, item)]
    yield from (f"{item}: {one}" for item, one in found[:MOST_WRONG_FIELDS])
    if (more := len(found) - MOST_WRONG_FIELDS) > 0:
        yield f"and {more} more field{'s are' if more > 1 else ' is'} wrong: describe lists those of an object"
    yield from (f"fields as of {source}" for source in dict.fromkeys(one.known_from for _, one in found))
