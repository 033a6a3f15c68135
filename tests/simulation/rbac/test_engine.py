"""Deciding and explaining agree: a policy has a failing part where, and only where, it does not match for certain."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Connection, Envoy, Peer
from meshscope.simulation.rbac.engine import RbacEngine, in_words
from meshscope.simulation.rbac.facts import RbacFacts
from meshscope.xds.rbac import Rules

from ..reading import asking, read

Json = dict[str, Any]
shared = st.sampled_from((
    {"any": True}, {"header": {"name": "x-a", "string_match": {"exact": "1"}}}, {"header": {"name": "x-request-id"}},
    {"url_path": {"path": {"prefix": "/a"}}}, {"metadata": {"filter": "f", "path": [{"key": "k"}], "value": {}}}, {"tenant": 1},
))  # fmt: skip


def nested(leaves: st.SearchStrategy[Json], every: str, some: str, opposite: str, of: str) -> st.SearchStrategy[Json]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda rules: {every: {of: rules}}),
            st.lists(inner, min_size=1, max_size=3).map(lambda rules: {some: {of: rules}}),
            inner.map(lambda rule: {opposite: rule}),
        ),
        max_leaves=6,
    )


own = st.sampled_from(({"destination_port": 80}, {"destination_port_range": {"start": 81, "end": 90}},
                       {"requested_server_name": {"exact": ""}}))  # fmt: skip
permissions = nested(st.one_of(shared, own), "and_rules", "or_rules", "not_rule", "rules")
who = st.sampled_from(({"authenticated": {"principal_name": {"prefix": "spiffe://a/"}}}, {"authenticated": {}},
                       {"remote_ip": {"address_prefix": "10.0.0.0", "prefix_len": 8}}))  # fmt: skip
principals = nested(st.one_of(shared, who), "and_ids", "or_ids", "not_id", "ids")
policies: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "permissions": st.lists(permissions, min_size=1, max_size=2),
        "principals": st.lists(principals, min_size=1, max_size=2),
    },
    optional={"condition": st.just({"const_expr": {}})},
)
facts = st.builds(
    RbacFacts,
    connection=st.builds(
        Connection,
        destination_port=st.sampled_from((None, 80, 85)),
        tls=st.booleans(),
        peer=st.sampled_from((Peer(), Peer(presented=True, uri_sans=("spiffe://a/b",)), Peer(presented=False))),
    ),
    request=st.sampled_from((None, asking("/a"), asking("/b", ("x-a", "1"), client_ip="10.1.1.1"))),
    secured=st.booleans(),
    envoy=st.just(Envoy((1, 40, 0))),
)


@given(st.dictionaries(st.sampled_from("pqr"), policies, max_size=3), st.sampled_from(("ALLOW", "DENY")), facts)
def test_a_policy_is_explained_by_a_failing_part_where_it_does_not_match(
    asked: dict[str, Json], action: str, known: RbacFacts
) -> None:
    engine = RbacEngine(read(Rules, {"action": action, "policies": asked}))
    decision = engine.decide(known)
    rejected = {each.name: each for each in engine.rejected(known, None, decision.policy)}
    assert rejected.keys() == asked.keys() - {decision.policy}
    for policy in engine.policies:
        verdict = policy.decide(known)
        if policy.name in rejected:
            assert (rejected[policy.name].near > 0) == verdict.is_no
            assert verdict.is_yes or rejected[policy.name].because
        else:
            assert verdict.is_yes
    assert in_words(decision, engine, tuple(rejected.values()))
