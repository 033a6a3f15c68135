"""`envoy.filters.http.wasm`: Istio's own plugins never answer; nobody knows what another one does.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/wasm_filter
"""

from __future__ import annotations

import re

from meshscope.simulation.http_filters.filter import Configured, Filter, FilterEntry, assumed, passed
from meshscope.xds.istio_filters import Wasm

_ISTIO = re.compile(
    r"(stats|metadata_exchange|access_log|accesslog|stackdriver|attributegen)(_(inbound|outbound|gateway))?"
)


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = (overrides[0] if overrides else own).message
    name = istio_plugin(config) if isinstance(config, Wasm) else ""
    if name:
        return lambda request, context: passed(request, context, entry, f"never answers: Istio's plugin {name}")
    plugin = config.config.name or config.config.root_id if isinstance(config, Wasm) else ""
    return lambda request, _: assumed(request, entry, f"Wasm plugin {plugin or 'without a name'} is not modelled")


def istio_plugin(wasm: Wasm) -> str:
    """Which of Istio's own plugins it is, "" for any other: by its root, its VM or the code that is built in."""
    plugin = wasm.config
    builtin = re.search(rb'"inline_string"\s*:\s*"envoy\.wasm\.([\w.]+)"', bytes(plugin.vm_config.code))
    for name in (builtin[1].decode() if builtin else "", plugin.root_id, plugin.vm_config.vm_id):
        if _ISTIO.fullmatch(name):
            return name
    return ""
