"""Random clusters whose hosts are others': aggregates, composites, original destinations; circuit breakers of size zero."""

from __future__ import annotations

from hypothesis import strategies as st

from . import clusters
from .messages import TYPES, Json, Message, merged, some
from .real_envoy import RANDOM

MEMBERS = ("m0", "m1", "m2")
_sizes = st.sampled_from((0, 0, 1, 100))
_thresholds = some(
    priority=st.sampled_from(("DEFAULT", "HIGH")),
    max_connections=_sizes,
    max_pending_requests=_sizes,
    max_requests=_sizes,
)
breakers: Message = st.one_of(
    st.just({}),
    st.just({}),
    st.lists(_thresholds, min_size=1, max_size=2, unique_by=lambda one: one.get("priority", "DEFAULT")).map(
        lambda thresholds: {"circuit_breakers": {"thresholds": thresholds}}
    ),
)
_panic = st.sampled_from(({}, {}, {"common_lb_config": {"healthy_panic_threshold": {"value": 0}}}))


@st.composite
def _members(draw: st.DrawFn, port: int) -> list[Json]:
    """Their hosts have addresses of their own, so that a log tells whose host it names."""
    names = MEMBERS[: draw(st.integers(1, 3))]
    every = []
    for number, name in enumerate(names, 1):
        member = draw(merged(clusters.clusters(port), breakers)) | {"name": name}
        places = member["load_assignment"]["endpoints"]
        for host in (host for place in places for host in place["lb_endpoints"]):
            at = host["endpoint"]["address"]["socket_address"]
            at["address"] = at["address"].replace("127.0.0.", f"127.0.{number}.")
        every.append(member)
    return every


@st.composite
def with_members(draw: st.DrawFn, port: int) -> list[Json]:
    """An aggregate or a composite, which may name a member that is not there, after its members."""
    members = draw(_members(port))
    names = draw(st.permutations([*(one["name"] for one in members), *draw(st.sampled_from(((), ("gone",))))]))
    kind = draw(st.sampled_from(("aggregate", "aggregate", "composite")))
    listed = list(names) if kind == "aggregate" else [{"name": name} for name in names]
    config = {"@type": f"{TYPES}clusters.{kind}.v3.ClusterConfig", "clusters": listed}
    own = draw(merged(breakers, _panic))
    return [*members, {"name": RANDOM, "connect_timeout": "1s", "lb_policy": "CLUSTER_PROVIDED", **own,
                       "cluster_type": {"name": f"envoy.clusters.{kind}", "typed_config": config}}]  # fmt: skip


@st.composite
def original(draw: st.DrawFn, port: int) -> Json:
    config = draw(
        some(
            use_http_header=st.just(True),
            http_header_name=st.sampled_from(("x-to", "x-none")),
            upstream_port_override=st.just(port),
        )
    )
    more = {"original_dst_lb_config": config} if config else {}
    return {"name": RANDOM, "type": "ORIGINAL_DST", "lb_policy": "CLUSTER_PROVIDED", "connect_timeout": "1s",
            **draw(breakers), **more}  # fmt: skip


@st.composite
def with_names(draw: st.DrawFn, port: int) -> Json:
    """A cluster of hosts with and without names; those of DNS are named by what is resolved."""
    cluster = draw(clusters.clusters(port)) | {"type": draw(st.sampled_from(("STATIC", "STATIC", "STRICT_DNS")))}
    for place in cluster["load_assignment"]["endpoints"]:
        for host in place["lb_endpoints"]:
            host["endpoint"] |= draw(some(hostname=st.sampled_from(("a.example", "b.example:81"))))
    return cluster
