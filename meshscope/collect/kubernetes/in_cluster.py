"""The pod that this runs in, where it is one: its service account."""

from __future__ import annotations

import os
from pathlib import Path

IN_CLUSTER = "in-cluster"
"""In the place of a context's name: the pod that this runs in."""


SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def is_in_cluster() -> bool:
    """Whether this is a pod with a service account."""
    return "KUBERNETES_SERVICE_HOST" in os.environ and (SERVICE_ACCOUNT / "token").is_file()


HOW_TO_INSTALL = "k8s: needs the Kubernetes client: pip install 'meshscope[k8s]'"
