from __future__ import annotations

import pytest

from meshscope.xds.message import Undecodable, decode
from meshscope.xds.route_match import FractionalPercent, RouteMatch


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"prefix":"/a"}', "/a*"),
        ('{"prefix":""}', "*"),
        ('{"path":"/a"}', "/a"),
        ('{"path":"/a","case_sensitive":false}', "/a (any case)"),
        ('{"path":"/a","case_sensitive":true}', "/a"),
        ('{"safe_regex":{"regex":"/a.*"}}', "regex /a.*"),
        ('{"path_separated_prefix":"/a"}', "/a[/*]"),
        ('{"connect_matcher":{}}', "CONNECT"),
        ('{"path_match_policy":{"name":"uri","typed_config":{}}}', "path policy uri"),
        ("{}", "(no path specifier)"),
    ],
)
def test_the_path_is_written_as_istioctl_does(text: str, expected: str) -> None:
    found = decode(text.encode(), RouteMatch)
    assert isinstance(found, RouteMatch)
    assert found.path_specifier() == str(found) == expected


def test_every_condition_is_shown_in_envoys_order() -> None:
    text = b"""{"prefix":"/", "runtime_fraction":{"default_value":{"numerator":25}}, "grpc":{},
      "headers":[{"name":"h","exact_match":"v"}], "query_parameters":[{"name":"q","present_match":true}],
      "cookies":[{"name":"c"}], "tls_context":{"presented":true,"validated":false},
      "dynamic_metadata":[{"filter":"f","path":[{"key":"k"}]}], "filter_state":[{"key":"s"}]}"""
    found = decode(text, RouteMatch)
    assert isinstance(found, RouteMatch)
    certificate = "client certificate presented; client certificate not validated"
    rest = ["h=v", "?q", "cookie c", certificate, "metadata f:k", "filter state s"]
    assert list(found.conditions()) == ["25%", "gRPC", *rest]
    assert str(found) == "; ".join(["/*", "25%", "gRPC", *rest])


@pytest.mark.parametrize(
    ("numerator", "denominator", "share", "shown"),
    [
        (0, "HUNDRED", 0.0, "0%"),
        (50, "HUNDRED", 0.5, "50%"),
        (5, "TEN_THOUSAND", 0.0005, "0.05%"),
        (1, "MILLION", 0.000001, "0.0001%"),
        (200, "HUNDRED", 1.0, "100%"),
    ],
)
def test_a_fraction_is_a_share_of_one(numerator: int, denominator: str, share: float, shown: str) -> None:
    fraction = FractionalPercent(numerator=numerator, denominator=denominator)
    assert fraction.share == pytest.approx(share)
    assert str(fraction) == shown


def test_a_match_of_another_shape_is_undecodable() -> None:
    assert isinstance(decode(b'{"headers":7}', RouteMatch), Undecodable)
