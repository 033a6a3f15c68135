"""Random HTTP filters of a cluster, which run when a host is chosen; and metadata that chooses its subset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import interplay
from .amounts import configurations
from .judging import compare
from .messages import TYPES, Json, address, entry, extension, manager, some
from .real_envoy import RANDOM, RealEnvoy
from .scenes import Scene

pytestmark = pytest.mark.oracle
CODEC = extension("filters.http.upstream_codec.v3.UpstreamCodec")
OPTIONS = "upstreams.http.v3.HttpProtocolOptions"
_mutation = interplay.changing.filter(lambda one: one["name"] in ("mutation", "buffer", "compressor"))
_filters = st.lists(st.one_of(_mutation, interplay.rbac), min_size=1, max_size=3)
_subsets = some(
    {"subset_selectors": [{"keys": ["k"]}]},
    fallback_policy=st.sampled_from(("NO_FALLBACK", "ANY_ENDPOINT")),
)
_writes = extension(
    "filters.http.header_to_metadata.v3.Config",
    {"request_rules": [{"header": "x-a", "on_header_present": {"metadata_namespace": "envoy.lb", "key": "k"}}]},
)


def _cluster(port: int, filters: list[Json], subsets: Json) -> Json:
    hosts = [
        {"endpoint": {"address": address(f"127.0.0.{number}", port)},
         "metadata": {"filter_metadata": {"envoy.lb": {"k": str(number)}}}}
        for number in (1, 2)
    ]  # fmt: skip
    options = {"@type": TYPES + OPTIONS, "explicit_http_config": {"http_protocol_options": {}},
               "http_filters": [*filters, CODEC]}  # fmt: skip
    return {"name": RANDOM, "type": "STATIC", "connect_timeout": "1s", **subsets,
            "typed_extension_protocol_options": {"envoy.extensions." + OPTIONS: options},
            "load_assignment": {"cluster_name": RANDOM, "endpoints": [{"lb_endpoints": hosts}]}}  # fmt: skip


@configurations(20)
@given(interplay.scenes, _filters, some(lb_subset_config=_subsets))
def test_filters_of_a_cluster(envoy: RealEnvoy, scene: Scene, filters: list[Json], subsets: Json) -> None:
    for route in scene.table["virtual_hosts"][0]["routes"]:
        if "route" in route:
            route["route"] = {"cluster": RANDOM}
    log = envoy.access_log()
    writes = [_writes] if subsets else []
    chain = {"name": "http", "filters": [manager(scene.table, writes, access_log=log)]}
    listener = entry(envoy.port, filter_chains=[chain], access_log=log)
    compare(envoy, [listener], scene.calls, [_cluster(envoy.upstream_port, filters, subsets)])
