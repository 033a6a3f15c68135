"""Which proxies and which of their resources a question is about: the filters of the command line."""

from __future__ import annotations

from msgspec import Struct

from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.proxy_names import proxies_named

ALL_STATES = "all"


class Selection(Struct, frozen=True, kw_only=True):
    """Empty fields select everything. `state` "" is what is in effect, "all" everything, else that state only.

    `at` is the moment at which validity is judged, RFC 3339; "" is the time of capture. `counted` is about the rows
    themselves: whether live counters are read for them.
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
    counted: bool = True

    def given(self) -> tuple[str, ...]:
        """The fields that the user set."""
        fields = (name for name in self.__struct_fields__ if name != "counted")
        return tuple(name for name in fields if getattr(self, name) not in ("", (), None))

    @property
    def in_effect_only(self) -> bool:
        return not self.state

    def has_state(self, state: str) -> bool:
        return self.state in ("", ALL_STATES) or state == self.state

    def proxies(self, mesh: Mesh) -> tuple[Proxy, ...]:
        """The chosen proxies. Raises UsageError for one that is not there, with the nearest names."""
        chosen = mesh.proxies
        if self.proxy:
            chosen = proxies_named(mesh, self.proxy)
        if self.namespace:
            chosen = tuple(proxy for proxy in chosen if proxy.id.namespace == self.namespace)
        if self.labels:
            wanted = set(self.labels)
            chosen = tuple(proxy for proxy in chosen if proxy.node and wanted <= set(proxy.node.labels))
        return chosen
