"""The context that the user's kubeconfig names, if its API server answers."""

from __future__ import annotations

import os
from pathlib import Path

IN_CLUSTER = "in-cluster"
"""In the place of a context's name: the pod that this runs in."""
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_OK = 200


def answers(kubeconfig: str = "", seconds: float = 3.0) -> str:
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


def _has_kubeconfig(kubeconfig: str) -> bool:
    written = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    return any(part and Path(part).expanduser().is_file() for part in written.split(os.pathsep))


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
