"""The context that the user's kubeconfig names, if its API server answers."""

from __future__ import annotations

import os
from pathlib import Path

IN_CLUSTER = "in-cluster"
"""In the place of a context's name: the pod that this runs in."""
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_OK = 200


def current_context(kubeconfig: str = "", seconds: float = 3.0) -> str:
    """Its name, or `in-cluster` in a pod; "" where there is none, or nobody who answers within `seconds`.

    Where there is no kubeconfig it costs a look for the file.
    """
    if not _has_kubeconfig(kubeconfig) and not is_in_cluster():
        return ""
    import asyncio  # noqa: PLC0415  # and with it a client of 30 MB

    try:
        return asyncio.run(asyncio.wait_for(_asked(kubeconfig, seconds), seconds))
    except TimeoutError:
        return ""


def contexts(kubeconfig: str = "") -> list[str]:
    """The names of all contexts, for completion; none where a file cannot be read."""
    names: dict[str, None] = {}
    for file in _files(kubeconfig):
        import yaml  # noqa: PLC0415  # only where there is a kubeconfig

        try:
            read = yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
            names.update((str(one["name"]), None) for one in read["contexts"])
        except (OSError, yaml.YAMLError, KeyError, TypeError, RecursionError):
            continue
    return list(names)


def _has_kubeconfig(kubeconfig: str) -> bool:
    return bool(_files(kubeconfig))


def _files(kubeconfig: str) -> list[Path]:
    written = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    paths = [Path(part).expanduser() for part in written.split(os.pathsep) if part]
    return [path for path in paths if path.is_file()]


def is_in_cluster() -> bool:
    """Whether this is a pod with a service account."""
    return "KUBERNETES_SERVICE_HOST" in os.environ and (SERVICE_ACCOUNT / "token").is_file()


async def _asked(kubeconfig: str, seconds: float) -> str:
    from meshscope.errors import MeshscopeError  # noqa: PLC0415

    try:
        from meshscope.collect.kubernetes.cluster import Cluster  # noqa: PLC0415
        from meshscope.collect.kubernetes.credentials import find_access  # noqa: PLC0415
        from meshscope.collect.live import Live  # noqa: PLC0415
        from meshscope.collect.spool import Spool  # noqa: PLC0415

        access = await find_access("", kubeconfig)
    except (MeshscopeError, ImportError):
        return ""
    async with Cluster(access, Live(timeout=seconds, deadline=seconds), Spool()) as cluster:
        answer = await cluster.api.get("/version")
    return access.context if answer.status == _OK else ""
