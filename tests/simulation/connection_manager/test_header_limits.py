from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy
from meshscope.simulation.connection_manager.header_limits import (
    forbidden_underscore,
    header_limits,
    without_underscores,
)
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking, read


def manager(action: str = "ALLOW", **fields: Any) -> HttpConnectionManager:
    return read(
        HttpConnectionManager, {"common_http_protocol_options": {"headers_with_underscores_action": action, **fields}}
    )


@pytest.mark.parametrize(
    ("count", "runtime", "expected"),
    [(None, None, 100), (None, 7, 7), (None, "7", 7), (None, "seven", 100), (3, 7, 3), (0, 7, 0)],
)
def test_the_configuration_goes_before_runtime_and_runtime_before_the_default(
    count: int | None, runtime: object, expected: int
) -> None:
    values = {} if runtime is None else {"envoy.reloadable_features.max_request_headers_count": runtime}
    config = manager() if count is None else manager(max_headers_count=count)
    assert header_limits(config, Envoy(runtime=values)) == (expected, 60 * 1024)


def test_runtime_gives_the_size_in_kib() -> None:
    runtime = {"envoy.reloadable_features.max_request_headers_size_kb": 8}
    assert header_limits(manager(), Envoy(runtime=runtime))[1] == 8192
    own = HttpConnectionManager(max_request_headers_kb=2)
    assert header_limits(own, Envoy(runtime=runtime))[1] == 2048


headers = st.lists(st.tuples(st.sampled_from(("a", "a_b", "a-b", "_")), st.sampled_from("12")), max_size=5).map(tuple)


@given(headers, st.sampled_from(("ALLOW", "REJECT_REQUEST", "DROP_HEADER")))
def test_each_action_does_its_own_part(sent: tuple[tuple[str, str], ...], action: str) -> None:
    request, config = asking("/", *sent), manager(action)
    has_underscore = any("_" in name for name, _ in sent)
    assert (forbidden_underscore(config, request) is not None) == (has_underscore and action == "REJECT_REQUEST")
    left = without_underscores(config, request).headers
    assert left == (tuple(one for one in sent if "_" not in one[0]) if action == "DROP_HEADER" else sent)
