"""Random retry policies, and upstreams that fail: as many attempts as a trace's retries say for that answer.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#config-http-filters-router-x-envoy-retry-on
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-grpc-on
"""

from __future__ import annotations

import json
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.trace import Retries
from meshscope.snapshot.snapshot import Captured, Snapshot

from . import upstream
from .amounts import CALLS, configurations
from .client import Said
from .messages import Json, Message, entry, manager, merged, some
from .real_envoy import RealEnvoy
from .requests import Call

pytestmark = pytest.mark.oracle
GRPC_CODES = {"cancelled": 1, "deadline-exceeded": 4, "resource-exhausted": 8, "internal": 13, "unavailable": 14}
"""Words of `retry_on` by the status of gRPC that they stand for."""
_words = st.lists(
    st.sampled_from((*GRPC_CODES, "5xx", "gateway-error", "retriable-4xx", "retriable-status-codes", "reset", "x")),
    max_size=3,
).map(",".join)
_policies = some(
    {"retry_back_off": st.just({"base_interval": "0.001s", "max_interval": "0.002s"})},
    retry_on=_words,
    num_retries=st.integers(0, 3),
    retriable_status_codes=st.lists(st.sampled_from((200, 404, 429, 503)), max_size=2, unique=True),
)
_hosts: Message = merged(
    some({"include_request_attempt_count": st.just(True)}, retry_policy=_policies),
)
_answers = st.one_of(
    st.sampled_from((200, 404, 409, 429, 500, 502, 503, 504, 599)).map(lambda code: ((upstream.STATUS, str(code)),)),
    st.integers(0, 17).map(lambda code: ((upstream.GRPC, str(code)),)),
    st.tuples(st.sampled_from((404, 503)), st.sampled_from((1, 14))).map(
        lambda both: ((upstream.STATUS, str(both[0])), (upstream.GRPC, str(both[1])))
    ),
)
_asked = {
    "content-type": st.sampled_from(("application/grpc", "text/plain")),
    "x-envoy-retry-on": st.sampled_from(("5xx", "gateway-error", "")),
    "x-envoy-retry-grpc-on": st.sampled_from(("unavailable", "cancelled, internal", "x", "")),
    "x-envoy-max-retries": st.sampled_from(("0", "2", "x")),
    "x-envoy-retriable-status-codes": st.sampled_from(("404", "429, 503", "x")),
}
_headers = st.tuples(st.fixed_dictionaries({}, optional=_asked).map(lambda pairs: tuple(pairs.items())), _answers).map(
    lambda parts: (*parts[0], *parts[1])
)
_edges: Message = st.sampled_from((
    {},
    {"use_remote_address": True},
    {"use_remote_address": True, "internal_address_config": {"cidr_ranges": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]}},
))  # fmt: skip


def attempts(found: Retries | None, status: int, grpc: int | None) -> int:
    """How often an upstream is asked that answers this each time."""
    words = set(found.retry_on.split(",")) if found else set()
    by_status = {
        "5xx": status >= 500,
        "gateway-error": status in (502, 503, 504),
        "retriable-4xx": status == 409,
        "retriable-status-codes": found is not None and status in found.status_codes,
    }
    is_retried = any(by_status.get(word) or (grpc is not None and GRPC_CODES.get(word) == grpc) for word in words)
    return 1 + (found.num_retries if found and is_retried else 0)


def attempts_made(said: Said) -> int:
    """By the last of them, which says its number."""
    head = said.answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
    received = dict(json.loads(b64decode(fields[upstream.HEADER]))["headers"])
    return int(received["x-envoy-attempt-count"])


@configurations(25)
@given(some(retry_policy=_policies), _hosts, _edges, st.lists(_headers, min_size=CALLS, max_size=CALLS))
def test_retries(
    envoy: RealEnvoy, action: Json, host: Json, edge: Json, headers: list[tuple[tuple[str, str], ...]]
) -> None:
    route = {"name": "found", "match": {"prefix": "/"}, "route": {"cluster": "a", **action}}
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route], **host}]}
    log = envoy.access_log()
    listener = entry(envoy.port, filter_chains=[{"filters": [manager(table, access_log=log, **edge)]}], access_log=log)
    dump = envoy.serve([listener])
    simulator = Simulator(Mesh(Snapshot((Captured(Document.of("config_dump", dump)),))))
    for each in headers:
        call = Call(("10.9.9.9", 1000), ("10.0.0.1", 80), headers=each)
        (path,) = simulator.trace(call.asked()).paths
        named = dict(each)
        grpc = int(named[upstream.GRPC]) if upstream.GRPC in named else None
        found = path.hops[-1].retries
        assert attempts(found, int(named.get(upstream.STATUS, "200")), grpc) == attempts_made(call.made(envoy.port)), (
            found
        )
