from __future__ import annotations

import pytest

from meshscope.simulation.connection import Envoy
from meshscope.simulation.listener.connection_limit import GLOBAL, zero_limit
from meshscope.xds.listener import Listener

from ..reading import read

OWN = "envoy.resource_limits.listener.a.b.connection_limit"


@pytest.mark.parametrize(
    ("runtime", "more", "key"),
    [
        ({}, {}, ""),
        ({OWN: 0}, {}, OWN),
        ({OWN: "0"}, {}, OWN),
        ({OWN: 1}, {}, ""),
        ({OWN: -1}, {}, ""),
        ({OWN.replace(".a.b.", ".a."): 0}, {}, ""),
        ({GLOBAL: 0}, {}, GLOBAL),
        ({GLOBAL: 0}, {"ignore_global_conn_limit": True}, ""),
        ({OWN: 0}, {"ignore_global_conn_limit": True}, OWN),
        ({OWN: 0}, {"internal_listener": {}}, ""),
    ],
)
def test_a_limit_of_zero_lets_nothing_in(runtime: dict[str, object], more: dict[str, object], key: str) -> None:
    assert zero_limit(read(Listener, {"name": "a.b", **more}), Envoy(runtime=runtime)) == key
