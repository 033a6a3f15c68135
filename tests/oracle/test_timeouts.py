"""Random timeouts and retries, as far as they decide what an upstream is told: its deadlines, and that nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .amounts import CALLS, configurations
from .judging import compare
from .messages import Json, Message, entry, manager, merged, some
from .real_envoy import RealEnvoy
from .requests import Call

pytestmark = pytest.mark.oracle
_limits = st.sampled_from(("0s", "1.5s", "2s", "30s", "90000s"))
_offsets = st.sampled_from(("0s", "1.5s", "30s"))
"""None is near a `grpc-timeout`: a stream that has nothing left ends at once, one with a little may be as fast as its host."""
_streams = some(max_stream_duration=_limits, grpc_timeout_header_max=_limits, grpc_timeout_header_offset=_offsets)
_policies = some(
    retry_on=st.sampled_from(("", "5xx", "connect-failure,reset")),
    num_retries=st.integers(0, 2),
    per_try_timeout=_limits,
)
_actions: Message = some(
    timeout=_limits,
    max_stream_duration=_streams,
    max_grpc_timeout=_limits,
    grpc_timeout_offset=_limits,
    retry_policy=_policies,
    priority=st.just("HIGH"),
)
_hosts: Message = merged(some(retry_policy=_policies), some(include_request_attempt_count=st.just(True)))
_asked = {
    "content-type": st.sampled_from(("application/grpc", "application/grpc+proto", "text/plain")),
    "grpc-timeout": st.sampled_from(("3S", "0S", "1700m", "100H", "x", "123456789m", "2000001u")),
    "x-envoy-upstream-rq-timeout-ms": st.sampled_from(("2500", "0", "x")),
    "x-envoy-upstream-rq-per-try-timeout-ms": st.sampled_from(("1600", "0", "x")),
    "x-envoy-max-retries": st.sampled_from(("0", "3")),
    "x-envoy-retry-on": st.sampled_from(("5xx", "")),
}
_headers = st.fixed_dictionaries({}, optional=_asked).map(lambda pairs: tuple(pairs.items()))
_edges: Message = st.sampled_from((
    {},
    {"use_remote_address": True},
    {"use_remote_address": True, "internal_address_config": {"cidr_ranges": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]}},
))  # fmt: skip


@configurations(25)
@given(_actions, _hosts, _edges, st.lists(_headers, min_size=CALLS, max_size=CALLS))
def test_timeouts(
    envoy: RealEnvoy, action: Json, host: Json, edge: Json, headers: list[tuple[tuple[str, str], ...]]
) -> None:
    route = {"name": "found", "match": {"prefix": "/"}, "route": {"cluster": "a", **action}}
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route], **host}]}
    log = envoy.access_log()
    listener = entry(envoy.port, filter_chains=[{"filters": [manager(table, access_log=log, **edge)]}], access_log=log)
    compare(envoy, [listener], [Call(("10.9.9.9", 1000), ("10.0.0.1", 80), headers=each) for each in headers])
