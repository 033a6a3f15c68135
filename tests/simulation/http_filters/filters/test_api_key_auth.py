from __future__ import annotations

from typing import Any

import pytest

from ..walks import GRPC, access_log, answer, context, entry, filter_list, request, request_after, scope, typed

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
