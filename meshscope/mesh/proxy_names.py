"""The names by which a proxy is called: pod, workload, application, node id."""

from __future__ import annotations

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy


def proxies_named(mesh: Mesh, word: str) -> tuple[Proxy, ...]:
    """The proxies of a pod, `pod.namespace`, `namespace/pod`, workload, application or node id; a workload has several."""
    if exact := tuple(proxy for proxy in mesh.proxies if proxy.name == word):  # a name may have a slash in it
        return exact
    bare = word.removeprefix("pod/").removeprefix("proxy/")
    namespace, slash, name = bare.rpartition("/")
    if slash and _is_kind(namespace):  # deployment/reviews-v1
        namespace, slash, bare = "", "", name
    wanted = f"{name}.{namespace}" if slash else bare
    for names in (_own_names, _workload_names):
        if found := tuple(proxy for proxy in mesh.proxies if wanted in names(mesh, proxy)):
            return found
    if "*" in bare or "?" in bare:
        from fnmatch import fnmatchcase  # only for a glob

        every = ((proxy, (*_own_names(mesh, proxy), *_workload_names(mesh, proxy))) for proxy in mesh.proxies)
        if found := tuple(proxy for proxy, names in every if any(fnmatchcase(name, wanted) for name in names)):
            return found
    several = ((*_own_names(mesh, proxy), *_workload_names(mesh, proxy)) for proxy in mesh.proxies)
    known = sorted({name for names in several for name in names if name})
    workloads = sorted({proxy.workload or proxy.name for proxy in mesh.proxies})
    from meshscope.nearest import nearest  # only for an unknown name

    raise UsageError(f"no proxy {word!r} in this input{nearest(wanted, known, workloads)}")


def _is_kind(word: str) -> bool:
    from meshscope.istio.kinds.resources import kinds_named  # only for what is written KIND/NAME

    return bool(kinds_named(word))


def _own_names(_mesh: Mesh, proxy: Proxy) -> tuple[str, ...]:
    node_id = proxy.node.id if proxy.node else ""
    return (proxy.name, proxy.id.name, node_id)


def _workload_names(mesh: Mesh, proxy: Proxy) -> tuple[str, ...]:
    namespace = proxy.id.namespace
    names = (proxy.workload, mesh.app_of(proxy))
    return tuple(full for name in names if name for full in (name, f"{name}.{namespace}"))
