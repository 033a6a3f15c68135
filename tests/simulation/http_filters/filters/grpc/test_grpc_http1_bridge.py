from __future__ import annotations

from meshscope.simulation.http_filters.filter import Reroute

from ...walks import GRPC, entry, filter_list, only, request

KIND = "grpc_http1_bridge.v3.Config"
PROTOBUF = ("content-type", "application/x-protobuf")


def test_protobuf_becomes_grpc_only_where_it_is_upgraded() -> None:
    asking = request("/p?q=1", PROTOBUF, ("content-length", "4"))
    upgraded = only(filter_list(entry(KIND, upgrade_protobuf_to_grpc=True)), asking).value
    assert upgraded == Reroute(request("/p?q=1", GRPC), resume=1)
    assert only(filter_list(entry(KIND)), asking).value == asking


def test_the_query_of_grpc_is_dropped_where_that_is_asked() -> None:
    bridge = filter_list(entry(KIND, ignore_query_parameters=True))
    assert only(bridge, request("/p?q=1", GRPC)).value == request("/p", GRPC)
    assert only(bridge, request("/p?q=1", PROTOBUF)).value == request("/p?q=1", PROTOBUF)
