from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.endings import End

from ..walks import (
    GRPC,
    access_log,
    answer,
    context,
    entry,
    filter_list,
    outcomes,
    request,
    request_after,
    scope,
    typed,
)

KEYS: dict[str, Any] = {
    "credentials": [{"key": "k1", "client": "c1"}, {"key": "k2", "client": "c2"}],
    "key_sources": [{"header": "x-key"}, {"query": "key"}, {"cookie": "ck"}, {"header": "authorization"}],
    "forwarding": {"header": "x-client", "hide_credentials": True},
}

KEY = filter_list(entry("api_key_auth.v3.ApiKeyAuth", **KEYS))

NARROW = scope(typed("api_key_auth.v3.ApiKeyAuthPerRoute", allowed_clients=["c1"]))


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/", (), (401, "-", "missing_api_key")),
        ("/", (("x-key", "k1"),), None),
        ("/", (("x-key", "zz"),), (401, "-", "unknown_api_key")),
        ("/", (("x-key", "k2"),), (403, "-", "client_not_allowed")),
        ("/", (("x-key", "k2"), GRPC), (200, "-", "client_not_allowed")),
        ("/?key=k%31", (), None),
        ("/?key=k1", (("x-key", ""),), None),
        ("/?key=k1", (("x-key", "zz"),), (401, "-", "unknown_api_key")),
        ("/", (("cookie", "ck=k1"),), None),
        ("/", (("authorization", "Bearer k1"),), None),
        ("/", (("x-key", "k1"), ("x-key", "k2")), None),
    ],
)
def test_the_first_source_that_contains_a_key_counts(path: str, headers: Any, expected: Any) -> None:
    assert access_log(answer(KEY, request(path, *headers), context(route=NARROW))) == expected


def test_keys_are_removed_and_the_client_is_forwarded() -> None:
    for path, header in (("/?key=k1&z=1", ("x", "y")), ("/?z=1", ("x-key", "k1")), ("/?z=1", ("cookie", "a=b; ck=k1"))):
        after = request_after(KEY, request(path, header))
        assert after.path == "/?z=1"
        assert after.values("x-client") == ("c1",)
        assert "k1" not in str(after.headers)


def test_a_per_route_configuration_replaces_forwarding() -> None:
    after = request_after(KEY, request("/", ("x-key", "k1")), context(route=NARROW))
    assert after.headers == (("x-key", "k1"),)


def hidden(*clients: str, **more: Any) -> Any:
    credentials = [{"key": "[redacted]", "client": client} for client in clients]
    return filter_list(entry("api_key_auth.v3.ApiKeyAuth", **{**KEYS, "credentials": credentials, **more}))


def test_where_a_dump_hides_the_keys_each_client_may_be_the_one() -> None:
    found = outcomes(hidden("c1", "c2"), request("/?key=any&b=2&a=1"))
    passed = [one.value for one in found if isinstance(one.value, HttpRequest)]
    assert [(one.path, one.values("x-client")) for one in passed] == [("/?a=1&b=2", ("c1",)), ("/?a=1&b=2", ("c2",))]
    assert len(found) == 3
    narrow = outcomes(hidden("c1", "c2"), request("/?key=any"), context(route=NARROW))
    assert [isinstance(one.value, End) for one in narrow] == [False, True, True]


def test_where_it_hides_their_names_too_what_is_forwarded_is_unknown() -> None:
    accepted, denied = outcomes(hidden("[redacted]", "[redacted]"), request("/", ("x-key", "any")))
    assert isinstance(accepted.value, HttpRequest)
    assert accepted.value.headers == (("x-client", "…"),)
    assert accepted.value.hidden == {"x-client"}
    assert isinstance(denied.value, End)
    listed, other, unknown = outcomes(hidden("[redacted]"), request("/", ("x-key", "any")), context(route=NARROW))
    assert [isinstance(one.value, End) for one in (listed, other, unknown)] == [False, True, True]
    assert isinstance(other.value, End)
    assert access_log(other.value.response) == (403, "-", "client_not_allowed")
