from __future__ import annotations

from typing import Any

import pytest

from meshscope.location import Document, Location
from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.listener.network_filters import Metadata, NetworkFilters, Terminal, ToHttp
from meshscope.simulation.listener.tcp_cluster_choice import ToCluster
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import Response
from meshscope.xds.extension import Extension
from meshscope.xds.filter_chain import FilterChain

from ..reading import read

NETWORK = "envoy.extensions.filters.network."


def extension(kind: str, **config: Any) -> dict[str, Any]:
    return {"name": kind.rpartition(".")[2], "typed_config": {"@type": f"type.googleapis.com/{kind}", **config}}


HTTP = extension(f"{NETWORK}http_connection_manager.v3.HttpConnectionManager")
TCP = extension(f"{NETWORK}tcp_proxy.v3.TcpProxy", cluster="own")
SNI_CLUSTER = extension(f"{NETWORK}sni_cluster.v3.SniCluster")
UNKNOWN = extension("x.Unknown")


def run(*filters: dict[str, Any], models: Any = None, **more: Any) -> tuple[Outcome[Terminal], ...]:
    chain = read(FilterChain, {"filters": filters})
    at = Location(Document.of("x", b"{}"), ("chain",))
    return NetworkFilters(chain, models, at).run(more.pop("connection", Connection(sni="a.com")), **more)


def cluster(outcome: Outcome[Terminal]) -> str | None:
    return outcome.value.cluster if isinstance(outcome.value, ToCluster) else None


def test_the_last_filter_takes_the_connection_over() -> None:
    (http,) = run(HTTP)
    assert isinstance(http.value, ToHttp)
    assert http.value.location is not None
    assert http.value.location.path == ("chain", "filters", 0, "typed_config")
    (tcp,) = run(TCP)
    assert cluster(tcp) == "own"


@pytest.mark.parametrize(("sni", "chosen"), [("a.com", "a.com"), ("", "own")])
def test_sni_cluster_names_the_cluster_where_there_is_an_sni(sni: str, chosen: str) -> None:
    (outcome,) = run(SNI_CLUSTER, TCP, connection=Connection(sni=sni))
    assert cluster(outcome) == chosen


def test_an_unknown_filter_is_an_assumption_and_one_that_never_decides_is_not() -> None:
    exchange = extension("envoy.tcp.metadataexchange.config.MetadataExchange")
    (quiet,) = run(exchange, extension("istio.stats.PluginConfig"), TCP)
    (unknown,) = run(UNKNOWN, TCP)
    assert quiet.assuming == ()
    assert unknown.assuming == ("Unknown (x.Unknown) lets the connection pass",)
    assert [step.verdict for step in unknown.steps] == ["unknown", "yes"]
    assert (cluster(quiet), cluster(unknown)) == ("own", "own")


def test_an_unknown_last_filter_leaves_the_end_unknown() -> None:
    (outcome,) = run(extension(f"{NETWORK}redis_proxy.v3.RedisProxy"))
    assert outcome.value == End(Disposition.UNKNOWN, None)
    assert outcome.assuming


def test_a_filter_may_answer_itself_and_a_chain_without_filters_closes() -> None:
    (answered,) = run(extension(f"{NETWORK}direct_response.v3.Config"))
    assert answered.value == End(Disposition.DIRECT_RESPONSE, Response(code=0, details="direct_response"))
    (closed,) = run()
    assert closed.value == End(Disposition.CLOSED, Response(code=0))
    assert closed.steps[0].because == "the chain has no filters"


def gate(filter_: Extension, location: Location | None) -> Any:
    """A model for these tests: it may deny, and writes metadata for the next filter."""

    def run_gate(
        connection: Connection, metadata: Metadata, envoy: Envoy, *, terminates_tls: bool, explain: bool
    ) -> tuple[Outcome[Metadata], ...]:
        del connection, envoy, explain
        assert location is not None
        denied: Outcome[Metadata] = Outcome(End(Disposition.DENIED, Response(code=0)), 0.25, "a quarter")
        return denied, Outcome({**metadata, filter_.name: terminates_tls}, 0.75, "the rest", assuming=("it is so",))

    return run_gate


def test_outcomes_of_a_modelled_filter_multiply_with_those_after_it() -> None:
    weights = {"clusters": [{"name": "a", "weight": 1}, {"name": "b", "weight": 1}]}
    tcp = extension(f"{NETWORK}tcp_proxy.v3.TcpProxy", weighted_clusters=weights)
    outcomes = run(UNKNOWN, tcp, models={"x.Unknown": gate}, terminates_tls=True)
    assert [(each.probability, each.condition, each.assuming) for each in outcomes] == [
        (0.25, "a quarter", ()),
        (0.375, "the rest and weight 1 of 2", ("it is so",)),
        (0.375, "the rest and weight 1 of 2", ("it is so",)),
    ]


def test_metadata_of_a_modelled_filter_reaches_http() -> None:
    _, http = run(UNKNOWN, HTTP, models={"x.Unknown": gate}, terminates_tls=True)
    assert isinstance(http.value, ToHttp)
    assert http.value.metadata == {"Unknown": True}


def test_steps_are_left_out_without_explain() -> None:
    assert all(each.steps == () for each in run(SNI_CLUSTER, UNKNOWN, TCP, explain=False))
