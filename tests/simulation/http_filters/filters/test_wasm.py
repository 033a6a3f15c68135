from __future__ import annotations

from typing import Any

import pytest

from ..walks import entry, filter_list, only, request


def code(name: str) -> dict[str, Any]:
    return {"vm_config": {"code": {"local": {"inline_string": name}}}}


@pytest.mark.parametrize(
    ("plugin", "verdict"),
    [
        (code("envoy.wasm.stats"), "yes"),
        (code("envoy.wasm.metadata_exchange"), "yes"),
        ({"root_id": "stats_inbound", "vm_config": {"vm_id": "stats_inbound"}}, "yes"),
        ({"root_id": "stackdriver_outbound"}, "yes"),
        ({"root_id": "my_stats"}, "unknown"),
        (code("envoy.wasm.mine"), "unknown"),
        ({}, "unknown"),
    ],
)
def test_only_istios_own_plugins_are_known_to_pass(plugin: Any, verdict: str) -> None:
    assert only(filter_list(entry("wasm.v3.Wasm", config=plugin)), request()).steps[0].verdict == verdict
