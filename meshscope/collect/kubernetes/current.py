"""The current context of the user's kubeconfig, if its API server answers."""

from __future__ import annotations

from pathlib import Path

from meshscope.bounded_file import bounded_bytes
from meshscope.collect.kubernetes.in_cluster import is_in_cluster
from meshscope.collect.kubernetes.kubeconfig_files import LONGEST, paths_of

_OK = 200


def current_context(kubeconfig: str = "", seconds: float = 3.0) -> str:
    """Its name, or `in-cluster` in a pod; "" if there is none or its API server does not answer within `seconds`.

    Without a kubeconfig the only cost is the search for the file.
    """
    if not _has_kubeconfig(kubeconfig) and not is_in_cluster():
        return ""
    import asyncio  # only where there is a cluster to ask

    try:
        return asyncio.run(asyncio.wait_for(_answering_context(kubeconfig, seconds), seconds))
    except TimeoutError:
        return ""


def contexts(kubeconfig: str = "") -> list[str]:
    """The names of all contexts, for completion, without those of a file that cannot be read."""
    names: dict[str, None] = {}
    for file in _files(kubeconfig):
        import yaml  # only where there is a kubeconfig

        try:
            config = yaml.load(bounded_bytes(file, LONGEST), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
            names.update((str(one["name"]), None) for one in config["contexts"])
        except (OSError, yaml.YAMLError, KeyError, TypeError, RecursionError):
            continue
    return list(names)


def _has_kubeconfig(kubeconfig: str) -> bool:
    return bool(_files(kubeconfig))


def _files(kubeconfig: str) -> list[Path]:
    return [path for path in paths_of(kubeconfig) if path.is_file()]


async def _answering_context(kubeconfig: str, seconds: float) -> str:
    from meshscope.errors import MeshscopeError

    try:
        from meshscope.collect.kubernetes.cluster import KubernetesCluster
        from meshscope.collect.kubernetes.credentials import find_access
        from meshscope.collect.live import Live
        from meshscope.collect.spool import Spool

        access = await find_access("", kubeconfig)
    except (MeshscopeError, ImportError):
        return ""
    async with KubernetesCluster(access, Live(timeout=seconds, deadline=seconds), Spool()) as cluster:
        response = await cluster.api.get("/version")
    return access.context if response.status == _OK else ""
