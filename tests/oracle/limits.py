"""Random local rate limits: buckets that are empty or not asked, for shares of requests, of lists and of routes."""

from __future__ import annotations

from hypothesis import strategies as st

from . import interplay
from .amounts import CALLS
from .messages import TYPES, Json, Message, extension, some, true
from .scenes import Scene

KIND = "filters.http.local_ratelimit.v3.LocalRateLimit"
_shares = st.sampled_from((0, 100, 100, 50)).map(lambda part: {"default_value": {"numerator": part}})
# a bucket is never quite empty: one token is taken by the first request, and Envoy takes no bucket of size 0
limits: Message = some(
    {"stat_prefix": "limit", "token_bucket": {"max_tokens": 1000, "fill_interval": "100s"}},
    filter_enabled=_shares,
    filter_enforced=_shares,
    status=st.sampled_from(("ServiceUnavailable", "OK", "TooManyRequests")).map(lambda code: {"code": code}),
    rate_limited_as_resource_exhausted=true,
)


@st.composite
def tables(draw: st.DrawFn) -> Json:
    table = draw(interplay.tables())
    for host in table["virtual_hosts"]:
        for place in (host, *host["routes"]):
            if draw(st.booleans()):
                own = {"@type": TYPES + KIND, **draw(limits)}
                place["typed_per_filter_config"] = {**place.get("typed_per_filter_config", {}), "limit": own}
    return table


lists: st.SearchStrategy[list[Json]] = st.tuples(
    st.lists(interplay.changing, max_size=1), limits.map(lambda own: [extension(KIND, own, "limit")]),
    st.lists(interplay.rbac, max_size=1),
).map(lambda parts: [one for part in parts for one in part])  # fmt: skip
scenes: st.SearchStrategy[Scene] = st.builds(
    Scene, tables(), lists, st.just({}), st.lists(interplay.calls(), min_size=CALLS, max_size=CALLS)
)
