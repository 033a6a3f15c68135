"""`envoy.filters.http.wasm`: plugins are not run here; only Istio's own ones are known never to answer.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/wasm_filter
"""

from __future__ import annotations

import re

from meshscope.simulation.http_filters.filter import Configuration, Filter, FilterEntry, assumed_to_pass, passes
from meshscope.xds.istio_filters import Wasm

_ISTIO = re.compile(
    r"(stats|metadata_exchange|access_log|accesslog|stackdriver|attributegen)(_(inbound|outbound|gateway))?"
)


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = (overrides[0] if overrides else own).message
    name = istio_plugin(config) if isinstance(config, Wasm) else ""
    if name:
        return lambda request, context: passes(request, context, entry, f"never answers: Istio's plugin {name}")
    plugin = config.config.name or config.config.root_id if isinstance(config, Wasm) else ""
    return lambda request, _: assumed_to_pass(
        request, entry, f"Wasm plugin {plugin or 'without a name'} is not modelled"
    )


def istio_plugin(wasm: Wasm) -> str:
    """The name of Istio's own plugin, by its built-in code, its root or its VM; "" for any other plugin."""
    plugin = wasm.config
    builtin = re.search(rb'"inline_string"\s*:\s*"envoy\.wasm\.([\w.]+)"', bytes(plugin.vm_config.code))
    for name in (builtin[1].decode() if builtin else "", plugin.root_id, plugin.vm_config.vm_id):
        if _ISTIO.fullmatch(name):
            return name
    return ""
