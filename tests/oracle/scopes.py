"""Random scoped routes: key builders, scopes near what headers give, and their route tables."""

from __future__ import annotations

from hypothesis import strategies as st

from .messages import Json, Message, some

HEADERS = ("x-a", "x-b", ":authority", ":method")
WORDS = ("a", "b", "", " b", "k=a", "a;b", "k=a;j=b", "a.example", "GET")
_element = st.fixed_dictionaries({"key": st.sampled_from(("k", "j")), "separator": st.sampled_from(("=", ";", "=a"))})


@st.composite
def _extractors(draw: st.DrawFn) -> Json:
    """Envoy takes no index without a separator."""
    separator = draw(st.sampled_from(("", ";", ";", "=")))
    found: Json = {"name": draw(st.sampled_from(HEADERS)), "element_separator": separator}
    if draw(st.booleans()):
        return {**found, "element": draw(_element)}
    return {**found, "index": draw(st.integers(0, 2)) if separator else 0}


@st.composite
def _scopes(draw: st.DrawFn, fragments: int) -> list[Json]:
    keys = draw(st.lists(st.tuples(*[st.sampled_from(WORDS)] * fragments), min_size=1, max_size=8, unique=True))
    return [{"name": f"s{number}", "key": {"fragments": [{"string_key": word} for word in key]},
             "route_configuration": draw(_tables(number))} for number, key in enumerate(keys)]  # fmt: skip


@st.composite
def _tables(draw: st.DrawFn, number: int) -> Json:
    domains = draw(st.sampled_from((["*"], ["*"], ["a.example"])))
    routes = [
        {"name": f"r{number}", "match": {"prefix": draw(st.sampled_from(("/", "/p")))}, "route": {"cluster": "a"}},
        *draw(st.sampled_from(([], [{"name": "rest", "match": {"prefix": "/"}, "direct_response": {"status": 418}}]))),
    ]
    more = draw(some(internal_only_headers=st.just(["x-b"])))
    return {"name": f"t{number}", "virtual_hosts": [{"name": "v", "domains": domains, "routes": routes}], **more}


@st.composite
def _scoped_routes(draw: st.DrawFn) -> Json:
    builders = draw(st.lists(_extractors(), min_size=1, max_size=2))
    scopes = draw(_scopes(len(builders)))
    return {"name": "scopes", "rds_config_source": {"ads": {}},
            "scope_key_builder": {"fragments": [{"header_value_extractor": each} for each in builders]},
            "scoped_route_configurations_list": {"scoped_route_configurations": scopes}}  # fmt: skip


scoped_routes: Message = _scoped_routes()
