from __future__ import annotations

import pytest

from meshscope.xds.message import decode
from meshscope.xds.route_action import RedirectAction, RouteAction
from meshscope.xds.tcp_proxy import TcpProxy


def action(text: str) -> RouteAction:
    found = decode(text.encode(), RouteAction)
    assert isinstance(found, RouteAction)
    return found


@pytest.mark.parametrize(
    ("text", "names", "chosen_by"),
    [
        ('{"cluster":"a"}', ("a",), ""),
        ('{"weighted_clusters":{"clusters":[{"name":"a","weight":1},{"name":"b"}]}}', ("a", "b"), ""),
        ('{"weighted_clusters":{"clusters":[{"cluster_header":"x"},{"name":"b"}]}}', ("b",), ""),
        ('{"cluster_header":"x-c"}', (), "header x-c"),
        ('{"cluster_specifier_plugin":"lua"}', (), "plugin lua"),
        ('{"inline_cluster_specifier_plugin":{}}', (), "plugin"),
        ("{}", (), ""),
    ],
)
def test_clusters_are_named_or_chosen_by_something(text: str, names: tuple[str, ...], chosen_by: str) -> None:
    assert (action(text).cluster_names, action(text).chosen_by) == (names, chosen_by)


def test_an_absent_timeout_is_not_a_timeout_of_zero() -> None:
    assert action("{}").timeout is None
    assert action('{"timeout":"0s"}').timeout == "0s"


@pytest.mark.parametrize(
    ("text", "code", "shown"),
    [
        ('{"https_redirect":true}', 301, "301 https://"),
        ('{"host_redirect":"a","port_redirect":8443,"path_redirect":"/x"}', 301, "301 a:8443/x"),
        ('{"prefix_rewrite":"/y","response_code":"FOUND"}', 302, "302 /y*"),
        ('{"scheme_redirect":"http","host_redirect":"a","response_code":"PERMANENT_REDIRECT"}', 308, "308 http://a"),
        ('{"response_code":"TEMPORARY_REDIRECT"}', 307, "307"),
        ('{"response_code":"SEE_OTHER"}', 303, "303"),
        ("{}", 301, "301"),
    ],
)
def test_a_redirect_shows_its_code_and_what_it_replaces(text: str, code: int, shown: str) -> None:
    found = decode(text.encode(), RedirectAction)
    assert isinstance(found, RedirectAction)
    assert (found.code, str(found)) == (code, shown)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"cluster":"a"}', ("a",)),
        ('{"weighted_clusters":{"clusters":[{"name":"a"},{"name":"b"}]}}', ("a", "b")),
        ("{}", ()),
    ],
)
def test_a_tcp_proxy_names_its_clusters(text: str, names: tuple[str, ...]) -> None:
    found = decode(text.encode(), TcpProxy)
    assert isinstance(found, TcpProxy)
    assert found.cluster_names == names
