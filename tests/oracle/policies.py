"""Random RBAC rules, of an HTTP filter and of a network filter (which may not ask for headers)."""

from __future__ import annotations

from hypothesis import strategies as st

from . import certificates, matchers, values
from .messages import Message, merged, one, some, true


def _trees(leaf: Message, word: str) -> Message:
    """`word` is `rule` for permissions, `id` for principals."""

    def inner(deeper: Message) -> Message:
        several = st.lists(deeper, min_size=1, max_size=2).map(lambda listed: {f"{word}s": listed})
        return one(**{f"and_{word}s": several, f"or_{word}s": several, f"not_{word}": deeper})

    return st.recursive(leaf, inner, max_leaves=3)


def _paths() -> Message:
    return matchers.strings(values.plain_paths).map(lambda matcher: {"path": matcher})


def permissions(*, http: bool) -> Message:
    ranges = st.sampled_from(((80, 81), (81, 9000), (0, 80)))
    leaves = {
        "any": true,
        "destination_ip": values.any_cidrs,
        "destination_port": st.sampled_from(values.PORTS),
        "destination_port_range": ranges.map(lambda ends: {"start": ends[0], "end": ends[1]}),
        "requested_server_name": matchers.strings(st.sampled_from(("a.example", "b.a.example", "A.example", ""))),
    }
    if http:
        leaves |= {"header": matchers.headers, "url_path": _paths()}
    return _trees(one(**leaves), "rule")


def principals(*, http: bool) -> Message:
    leaves = {
        "any": true,
        "source_ip": values.any_cidrs,
        "direct_remote_ip": values.any_cidrs,
        "remote_ip": values.any_cidrs,
        "authenticated": st.one_of(
            st.just({}),
            matchers.strings(st.sampled_from((certificates.CLIENT, "cluster.local", "spiffe", "/b", ""))).map(
                lambda name: {"principal_name": name}
            ),
        ),
    }
    if http:
        leaves |= {"header": matchers.headers, "url_path": _paths()}
    return _trees(one(**leaves), "id")


def rules(*, http: bool) -> Message:
    policy = some({"permissions": st.lists(permissions(http=http), min_size=1, max_size=2),
                   "principals": st.lists(principals(http=http), min_size=1, max_size=2)})  # fmt: skip
    return some({"policies": st.dictionaries(st.sampled_from(("p1", "p2", "a policy")), policy, max_size=2)},
                action=st.sampled_from(("ALLOW", "DENY", "LOG")))  # fmt: skip


def rbac(*, http: bool) -> Message:
    return merged(some(rules=rules(http=http)), some(shadow_rules=rules(http=http)))
