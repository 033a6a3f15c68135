"""Proxies that are no Envoy of Istio's kind and that meshscope does not model: recognised by what their pod runs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from meshscope.istio.kubernetes.pod import Container

AGENTGATEWAY = "agentgateway"
"""The kind of its dumps too."""

_BY_IMAGE = {
    AGENTGATEWAY: r"agentgateway|agentproxy",
    "Linkerd's proxy": r"linkerd[-_/]?proxy|linkerd2-proxy|l5d-proxy",
    "NGINX Gateway Fabric": r"nginx-gateway(-fabric)?",
}


def unmodelled(containers: Iterable[Container]) -> str:
    """The name of the data plane that a pod runs and that is not modelled; "" for none."""
    for container in containers:
        image = re.split(r"[:@]", container.image.rpartition("/")[2])[0]
        for name, pattern in _BY_IMAGE.items():
            if re.fullmatch(pattern, container.name) or re.fullmatch(pattern, image):
                return name
    return ""
