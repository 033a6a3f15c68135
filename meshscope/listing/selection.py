"""Which proxies, and which of their resources, a list is about."""

from __future__ import annotations

import re
from functools import cache

from msgspec import Struct

from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.proxy_names import proxies_named

ALL_STATES = "all"
GLOB = re.compile(r"[*?]")
_NO_FILTERS = ("at", "with_counters", "with_objects")


def fits(wanted: str, *values: str) -> bool:
    """Whether one of the values is what a filter asks for: any for "", else the same, or one that a glob with `*` or `?`
    matches.
    """
    return not wanted or wanted in values or (bool(GLOB.search(wanted)) and any(map(_glob(wanted).fullmatch, values)))


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL)


class Selection(Struct, frozen=True, kw_only=True):
    """Empty fields select everything. `state` "" selects what is in effect, "all" everything, else that state only.

    Three fields filter nothing: `at` is the moment at which validity is judged (RFC 3339, "" for the time of capture);
    `with_counters` is whether live counters are read for the rows, `with_objects` whether rows hold whole manifests.
    """

    proxy: str = ""
    namespace: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    port: int | None = None
    address: str = ""
    fqdn: str = ""
    subset: str = ""
    direction: str = ""
    type: str = ""
    cluster: str = ""
    status: str = ""
    name: str = ""
    state: str = ""
    at: str = ""
    with_counters: bool = True
    with_objects: bool = False

    def filters(self) -> tuple[tuple[str, str], ...]:
        """The fields that filter something, each with its value as text; labels as `key=value,…`."""
        fields = (name for name in self.__struct_fields__ if name not in _NO_FILTERS)
        return tuple((name, text) for name in fields if (text := self._text(name)))

    def _text(self, field: str) -> str:
        if field == "labels":
            return ",".join(f"{key}={value}" for key, value in self.labels)
        value = getattr(self, field)
        return "" if value is None else str(value)

    @property
    def in_effect_only(self) -> bool:
        return not self.state

    def has_state(self, state: str) -> bool:
        return self.state in ("", ALL_STATES) or state == self.state

    def proxies(self, mesh: Mesh) -> tuple[Proxy, ...]:
        """The chosen proxies. Raises UsageError for an unknown proxy, with the nearest names."""
        chosen = mesh.proxies
        if self.proxy:
            chosen = proxies_named(mesh, self.proxy)
        if self.namespace:
            chosen = tuple(proxy for proxy in chosen if proxy.id.namespace == self.namespace)
        if self.labels:
            wanted = set(self.labels)
            chosen = tuple(proxy for proxy in chosen if proxy.node and wanted <= set(proxy.node.labels))
        return chosen


EVERYTHING = Selection()
