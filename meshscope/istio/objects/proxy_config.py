"""ProxyConfig: settings of proxies that need a restart.

https://istio.io/latest/docs/reference/config/networking/proxy-config/
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.istio.objects.selectors import PolicySelector
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class ProxyImage(Typed, frozen=True, rename="camel"):
    image_type: str = ""


class ProxyConfigSpec(Typed, frozen=True, rename="camel"):
    """Worker threads (`concurrency`; 0 is one for each core), and variables of the proxy's environment."""

    selector: PolicySelector | None = None
    concurrency: int | None = None
    environment_variables: Labels = Labels()
    image: ProxyImage | None = None


class ProxyConfig(Typed, frozen=True):
    spec: ProxyConfigSpec = ProxyConfigSpec()
    status: IstioStatus = IstioStatus()
