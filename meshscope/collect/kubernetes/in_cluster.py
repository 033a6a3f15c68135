"""The service account of the pod that this runs in, if it is a pod."""

from __future__ import annotations

import os
from pathlib import Path

IN_CLUSTER = "in-cluster"
"""The name that stands for a context: the pod that this runs in."""
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def is_in_cluster() -> bool:
    """Whether this is a pod with a service account."""
    return "KUBERNETES_SERVICE_HOST" in os.environ and (SERVICE_ACCOUNT / "token").is_file()


INSTALL_HINT = "k8s: needs the Kubernetes client: pip install 'meshscope[k8s]'"
