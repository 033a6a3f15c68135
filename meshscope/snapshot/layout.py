"""The place of a file in a known layout -> its owner. Its kind is read from its content.

Layouts: our recordings (`proxies/NAMESPACE/POD/FILE`, `istiod/POD/debug/ENDPOINT.json`, `logs/POD.jsonl`), istioctl's
bug-report (`proxies/NAMESPACE/POD/FILE`, `istio/NAMESPACE/POD/debug/ENDPOINT`), and the must-gather trees that Kiali
reads too (`namespaces/NAMESPACE/pods/POD/FILE`, `namespaces/NAMESPACE/ISTIOD/debug-syncz.json`). A layout may start
below any folder. A name is never proof: the content's own node wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from meshscope.snapshot.snapshot import ProxyId

NO_NAMESPACE = "-"
"""The folder of proxies without a namespace (plain Envoys); Kubernetes allows no such name."""


class Hints(Struct, frozen=True):
    """The proxy that a file describes, or the control plane's pod that answered, as far as its path says."""

    owner: ProxyId | None = None
    istiod: str = ""


_START = r"(?:^|.*/)"
_PROXY = _START + r"proxies/(?P<namespace>[^/]+)/(?P<pod>[^/]+)/.+"
_GATHERED = (
    _START + r"namespaces/(?P<namespace>[^/]+)/pods/(?P<pod>[^/]+)/(?:istio-proxy/istio-proxy/logs/)?(?P<file>[^/]+)"
)
_ISTIOD = (
    _START + r"(?:istiod/(?P<ours>[^/]+)/.+"
    r"|istio/[^/]+/(?P<reported>[^/]+)/(?:debug/[^/]+|discovery\.log|metrics)"
    r"|namespaces/[^/]+/(?P<gathered>(?!pods/)[^/]+)/debug-[^/]+)"
)
_LOG = _START + r"logs/(?P<pod>[^/]+?)\.(?:jsonl|log)"
_DEBUG = (
    _START + r"(?:istiod/[^/]+/debug/|istio/[^/]+/[^/]+/debug/|namespaces/[^/]+/(?:[^/]+/)?debug-)(?P<endpoint>[^/]+)"
)
_ADMIN_FILE = r"(?:config_dump|clusters|listeners|server_info|certs|stats|memory|runtime|istiod_[a-z_]+)(?:[.?][^/]*)?"


def hints(path: str, mesh_cluster: str = "") -> Hints:
    """The hints of a path inside a source; an unknown layout gives none."""
    if "/" not in path:
        return Hints()
    if found := re.fullmatch(_GATHERED, path):
        manifest = found["file"] in (f"{found['pod']}.yaml", f"{found['pod']}.json")
        return Hints() if manifest else Hints(_proxy(mesh_cluster, found["namespace"], found["pod"]))
    if found := re.fullmatch(_PROXY, path):
        return Hints(_proxy(mesh_cluster, found["namespace"], found["pod"]))
    if found := re.fullmatch(_ISTIOD, path):
        return Hints(istiod=_unquoted(found["ours"] or found["reported"] or found["gathered"]))
    return Hints()


def typed_hints(name: str, mesh_cluster: str = "") -> Hints:
    """The hints of a name as the user typed it, which may be one file, or one pod's folder, of a layout.

    Only names of Envoy's and istiod's answers count: any machine may have a folder `proxies`.
    """
    return hints(name, mesh_cluster) if re.fullmatch(_ADMIN_FILE, name.rpartition("/")[2]) else Hints()


def log_owners(paths: Iterable[str], owners: Iterable[ProxyId]) -> dict[str, ProxyId]:
    """The owner of each `logs/POD.jsonl`, which does not say its namespace: the one proxy with that pod's name."""
    named: dict[str, set[ProxyId]] = {}
    for owner in owners:
        named.setdefault(owner.name, set()).add(owner)
    if not named:
        return {}
    found = {path: named.get(_unquoted(log["pod"]), set()) for path in paths if (log := re.fullmatch(_LOG, path))}
    return {path: next(iter(proxies)) for path, proxies in found.items() if len(proxies) == 1}


def debug_endpoint(path: str) -> str:
    """istiod's debug endpoint whose answer lies there: `syncz` for `istiod/POD/debug/syncz.json`; "" for other paths.

    A hint for answers without a content of their own, such as `[]`. Takes a path inside a source or a document's name.
    """
    found = re.fullmatch(_DEBUG, path.rpartition("!")[2])
    return found["endpoint"].partition("?")[0].removesuffix(".json").removesuffix(".txt") if found else ""


def _proxy(mesh_cluster: str, namespace: str, pod: str) -> ProxyId:
    return ProxyId(mesh_cluster, "" if namespace == NO_NAMESPACE else _unquoted(namespace), _unquoted(pod))


def _unquoted(part: str) -> str:
    if "%" not in part:
        return part
    from urllib.parse import unquote  # names of pods hold no escapes, and the module is large

    return unquote(part)
