"""Which proxies and which of their resources a question is about: the filters of the command line."""

from __future__ import annotations

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy

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


def proxies_named(mesh: Mesh, word: str) -> tuple[Proxy, ...]:
    """By pod, `pod.namespace`, `namespace/pod`, workload, application or node id; several pods of one workload are all it."""
    bare = word.removeprefix("pod/").removeprefix("proxy/")
    namespace, slash, name = bare.rpartition("/")
    if slash and _is_kind(namespace):  # deployment/reviews-v1
        namespace, slash, bare = "", "", name
    wanted = f"{name}.{namespace}" if slash else bare
    for names in (_own_names, _workload_names):
        if found := tuple(proxy for proxy in mesh.proxies if wanted in names(mesh, proxy)):
            return found
    several = ((*_own_names(mesh, proxy), *_workload_names(mesh, proxy)) for proxy in mesh.proxies)
    known = sorted({name for names in several for name in names if name})
    raise UsageError(f"no proxy {word!r} in this input{nearest(wanted, known)}")


def _is_kind(word: str) -> bool:
    from meshscope.istio.resources import kinds_named  # noqa: PLC0415  # only for what is written KIND/NAME

    return bool(kinds_named(word))


def nearest(word: str, known: list[str]) -> str:
    """`; did you mean a, b?`, or what there is where nothing is near."""
    from difflib import get_close_matches  # noqa: PLC0415  # only for what was typed wrong

    if near := get_close_matches(word, known, n=3, cutoff=0.5) or [name for name in known if word in name][:3]:
        return f"; did you mean {', '.join(near)}?"
    return f"; there are {', '.join(known[:5])}{' …' if len(known) > 5 else ''}" if known else ""


def _own_names(_mesh: Mesh, proxy: Proxy) -> tuple[str, ...]:
    node_id = proxy.node.id if proxy.node else ""
    return (proxy.name, proxy.id.name, node_id)


def _workload_names(mesh: Mesh, proxy: Proxy) -> tuple[str, ...]:
    namespace = proxy.id.namespace
    names = (proxy.workload, mesh.app_of(proxy))
    return tuple(full for name in names if name for full in (name, f"{name}.{namespace}"))
