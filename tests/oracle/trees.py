"""Random matcher trees (`xds.type.matcher.v3.Matcher`) over facts of a connection or of a request.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/xds/type/matcher/v3/matcher.proto
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from . import values
from .messages import Json, Message, extension, merged, one, some, true

_NETWORK = "matching.common_inputs.network.v3."
_IP = ("10.0.0.1", "10.0.0.2", "127.0.0.1", "8.8.8.8")
Inputs = Mapping[str, tuple[Json, tuple[str, ...]]]
"""What a tree may look at, by name: the input, and values near what it gives."""

CONNECTION: Inputs = {
    "port": (extension(f"{_NETWORK}DestinationPortInput"), ("80", "81", "443")),
    "source port": (extension(f"{_NETWORK}SourcePortInput"), ("1000", "1001")),
    "ip": (extension(f"{_NETWORK}DestinationIPInput"), _IP),
    "source ip": (extension(f"{_NETWORK}SourceIPInput"), _IP),
    "direct ip": (extension(f"{_NETWORK}DirectSourceIPInput"), _IP),
    "server name": (extension(f"{_NETWORK}ServerNameInput"), ("a.example", "b.a.example", "other.test")),
    "transport": (extension(f"{_NETWORK}TransportProtocolInput"), ("tls", "raw_buffer")),
    "alpn": (extension(f"{_NETWORK}ApplicationProtocolInput"), ("'h2'", "'http/1.1'", "'istio','h2'")),
    "source type": (extension(f"{_NETWORK}SourceTypeInput"), ("local",)),
}
ADDRESSES = ("ip", "source ip", "direct ip")


def _header(name: str) -> Json:
    return {"name": "header", "typed_config": {
        "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput", "header_name": name}}  # fmt: skip


REQUEST: Inputs = {
    "x-a": (_header("x-a"), values.VALUES),
    "x-b": (_header("x-b"), values.VALUES),
    "method": (_header(":method"), ("GET", "POST")),
    "path": (_header(":path"), ("/", "/a", "/a/b", "/a?x=1")),
    "agent": (_header("user-agent"), ("a", "curl/8")),
}


def trees(inputs: Inputs, actions: Message) -> Message:
    """Trees whose leaves are `actions`: messages that name an extension, as `on_match.action` holds them."""

    def branch(inner: Message) -> Message:
        onward = st.one_of(one(action=actions), one(action=actions), one(matcher=inner))
        lists = one(
            matcher_list=st.lists(
                some({"predicate": _predicates(inputs), "on_match": onward}), min_size=1, max_size=3
            ).map(lambda fields: {"matchers": fields})
        )
        return merged(st.one_of(lists, lists, _maps(inputs, onward)), some(on_no_match=onward))

    single = some({"predicate": _predicates(inputs), "on_match": one(action=actions)})
    leaf = merged(
        one(matcher_list=single.map(lambda field: {"matchers": [field]})), some(on_no_match=one(action=actions))
    )
    return st.recursive(leaf, branch, max_leaves=4)


def _predicates(inputs: Inputs) -> Message:
    single = st.sampled_from(sorted(inputs)).flatmap(lambda name: one(single_predicate=_asked(*inputs[name])))

    def inner(deeper: Message) -> Message:
        several = st.lists(deeper, min_size=2, max_size=2).map(lambda both: {"predicate": both})
        return one(and_matcher=several, or_matcher=several, not_matcher=deeper)

    return st.recursive(single, inner, max_leaves=2)


def _asked(source: Json, near: tuple[str, ...]) -> Message:
    texts = st.sampled_from([text for text in near if text])
    plain = merged(one(exact=texts, prefix=texts, suffix=texts, contains=texts), some(ignore_case=true))
    regex = st.sampled_from((".*", "[a-z./]+", "[0-9]+")).map(
        lambda text: {"safe_regex": {"google_re2": {}, "regex": text}}
    )
    return st.one_of(
        some({"input": source, "value_match": st.one_of(plain, regex)}),
        some({"input": source, "custom_match": _hashing}),
    )


_hashing = st.builds(
    lambda modulo, threshold, seed: extension("matching.input_matchers.consistent_hashing.v3.ConsistentHashing", {
        "modulo": modulo, "threshold": threshold % modulo, "seed": seed}),
    st.integers(1, 9), st.integers(0, 9), st.sampled_from((0, 1, 2**40)),
)  # fmt: skip


def _maps(inputs: Inputs, onward: Message) -> Message:
    def over(name: str) -> Message:
        source, near = inputs[name]
        entries = st.dictionaries(st.sampled_from([text for text in near if text]), onward, min_size=1, max_size=3)
        kinds = one(exact_match_map=entries.map(_as_map), prefix_match_map=entries.map(_as_map))
        tree = merged(some({"input": source}), kinds)
        if name in ADDRESSES:
            tree = st.one_of(tree, merged(some({"input": source}), one(custom_match=_ranges(onward))))
        return one(matcher_tree=tree)

    return st.sampled_from(sorted(inputs)).flatmap(over)


def _as_map(entries: Json) -> Json:
    return {"map": entries}


def _ranges(onward: Message) -> Message:
    ranges = st.lists(st.sampled_from(values.RANGES), min_size=1, max_size=2, unique=True)
    matcher = some({"ranges": ranges.map(lambda texts: [values.cidr(text) for text in texts]), "on_match": onward},
                   exclusive=true)  # fmt: skip
    return st.lists(matcher, min_size=1, max_size=3).map(lambda listed: {"name": "ip", "typed_config": {
        "@type": "type.googleapis.com/xds.type.matcher.v3.IPMatcher", "range_matchers": listed}})  # fmt: skip
