"""The lessons of the tour, on the bundled recording: what there is to see, what to press, and when it is done. No widget in it.

A lesson is done when the browser shows what it asks for, whichever keys led there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct
from textual.message import Message

from meshscope.tui.messages import OpenList, OpenObject, OpenScope, OpenSearch, OpenTrace, RunCommand

PROXY, SERVICE, ADDRESS = "productpage", "reviews", "10.20.0.23"
HEADER = ("end-user", "jason")


class Seen(Struct, frozen=True):
    """What the browser shows: what would open the screen again (`place()`), None where nothing would; the proxy under the
    cursor; and whether a line is being typed.
    """

    place: Message | None
    proxy: str = ""
    is_typing: bool = False


class Lesson(Struct, frozen=True):
    """`says` is what there is to see, `asks` what to press. A key is written by the id of its binding with the key that it has
    until it is remapped, `{table.filter:/}`. `start` is a line of `:` that leads to where the lesson is taken, `on` whether
    the browser is there.
    """

    says: str
    asks: str
    start: str
    on: Callable[[Seen], bool]
    is_done: Callable[[Seen], bool]


def said(text: str, keys: Mapping[str, str]) -> str:
    """A text of a lesson with the keys as they are bound. `keys` is the id of a binding -> its key."""
    return _KEY.sub(lambda found: keys.get(found["id"], found["key"]), text)


_KEY = re.compile(r"\{(?P<id>\w+\.\w+):(?P<key>[^}]+)\}")


def _on_home(seen: Seen) -> bool:
    return isinstance(seen.place, RunCommand)


def _not_on_home(seen: Seen) -> bool:
    return not _on_home(seen)


def _anywhere(_seen: Seen) -> bool:
    return True


def _never(_seen: Seen) -> bool:
    return False


def _on_productpage(seen: Seen) -> bool:
    return _on_home(seen) and seen.proxy.startswith(PROXY)


def _on_routes(seen: Seen) -> bool:
    place = seen.place
    return isinstance(place, OpenList) and place.kind == "routes" and place.selection.proxy.startswith(PROXY)


def _on_few_routes(seen: Seen) -> bool:
    place = seen.place
    return _on_routes(seen) and isinstance(place, OpenList) and bool(place.start.filters) and not seen.is_typing


def _on_trace(seen: Seen) -> bool:
    return isinstance(seen.place, OpenTrace) and seen.place.request is not None


def _asks_as_jason(seen: Seen) -> bool:
    request = seen.place.request if isinstance(seen.place, OpenTrace) else None
    return request is not None and HEADER in request.headers and not seen.is_typing


def _on_manifest(seen: Seen) -> bool:
    return isinstance(seen.place, OpenObject)


def _on_scope(seen: Seen) -> bool:
    return isinstance(seen.place, OpenScope)


def _is_narrowed(seen: Seen) -> bool:
    return isinstance(seen.place, OpenScope) and bool(seen.place.start.selected)


def _has_found(seen: Seen) -> bool:
    return isinstance(seen.place, OpenSearch) and seen.place.text.strip() == ADDRESS


LESSONS = (
    Lesson(
        "A mesh at a glance: the proxies of Bookinfo, recorded from a real Istio. What is wrong would stand first.",
        f"{{table.down:j}} and {{table.up:k}}, or the arrows, move: go down to {PROXY}",
        "home",
        _on_home,
        _on_productpage,
    ),
    Lesson(
        "Digits open what a proxy has, as its own Envoy says: listeners, routes, clusters, endpoints …",
        f"{{table.routes:3}} opens the routes of {PROXY}",
        "home",
        _on_home,
        _on_routes,
    ),
    Lesson(
        "A row is a route: its table, the hosts, what it asks of a request, and where that goes.",
        f"{{table.filter:/}} filters while you type: {{table.filter:/}} {SERVICE} ⏎",
        f"routes {PROXY}",
        _on_routes,
        _on_few_routes,
    ),
    Lesson(
        f"Four routes are left. The last one splits the requests for {SERVICE} among two clusters, 90 to 10.",
        "{table.last:G} goes to the last row; {list.trace:t} follows a request that takes it",
        f"routes {PROXY}",
        _on_routes,
        _on_trace,
    ),
    Lesson(
        "The verdict is first, then the way, proxy by proxy. The other pane says why: also why the route jason lost.",
        "{trace.edit:e} edits the request: add  -H 'end-user: jason'  to its end, then ⏎",
        f"trace {PROXY} {SERVICE}",
        _on_trace,
        _asks_as_jason,
    ),
    Lesson(
        "Another answer, while you typed: the route jason, and reviews-v2. Which rule of whom says so?",
        "{trace.beside:x} opens the object of Envoy, and beside it the manifest at the rule that it was made from",
        f"trace {PROXY} {SERVICE}",
        _on_trace,
        _on_manifest,
    ),
    Lesson(
        "The file and the line stand above it: that is whom to change. From here any place is a line away.",
        f"{{page.command::}} takes a line: {{page.command::}} scope {PROXY} ⏎",
        f"trace {PROXY} {SERVICE}",
        _not_on_home,
        _on_scope,
    ),
    Lesson(
        "A proxy in five columns: listener, filter chain, route, cluster, endpoint. Arrows go through them.",
        "go down to 0.0.0.0_9080, then {scope.narrow:space}: all columns narrow to what it reaches and what reaches it",
        f"scope {PROXY}",
        _on_scope,
        _is_narrowed,
    ),
    Lesson(
        "Only what belongs together is left; {scope.release:⌫} releases it. Now somebody hands you an address.",
        f"{{app.search:f}} looks in all proxies and manifests: type {ADDRESS}",
        f"scope {PROXY}",
        _anywhere,
        _has_found,
    ),
    Lesson(
        "That is most of it. {app.help:?} lists the keys of a screen; meshscope ui --from DUMP opens a mesh of your own.",
        "{app.quit:q} quits, from any table; or look around: all of it is still here",
        "home",
        _anywhere,
        _never,
    ),
)
