"""Retries that a rule leaves to istiod, by its version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import msgspec
import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.comparison import differences
from meshscope.effect.http_routes.expected import Expected
from meshscope.effect.http_routes.retries import (
    RETRIES,
    RETRY_ON,
    STATUS_CODES,
    default_retries,
    retry_policy,
    unsaid_of,
    with_built_in,
)
from meshscope.istio.mesh_config import MeshConfig
from meshscope.istio.objects.http_route import HTTPRetry
from meshscope.istio.version import Version
from meshscope.xds.message import decode
from meshscope.xds.route import Route
from meshscope.xds.route_action import RetryPolicy, RouteAction

from .. import recorded
from ..recorded import Json


@dataclass
class _Settings:
    """What is asked of a configuration here."""

    version: Version | None
    captured_settings: MeshConfig | None = None

    def is_since(self, *version: int) -> bool:
        return self.version is None or self.version >= version


def of(version: Version | None, settings: MeshConfig | None = None) -> Configuration:
    return cast("Configuration", _Settings(version, settings))


@pytest.mark.parametrize(
    ("version", "has_exhausted", "codes", "unsaid"),
    [
        ((1, 4, 6), True, (503,), ()),
        ((1, 14, 5), False, (503,), ()),
        ((1, 23, 0), False, (503,), ()),
        ((1, 24, 0), False, (), (STATUS_CODES,)),
        ((1, 27, 0), False, (), ()),
        ((1, 32, 0), False, (), ()),
    ],
)
def test_istiods_conditions_are_those_of_the_version(
    version: Version, has_exhausted: bool, codes: tuple[int, ...], unsaid: tuple[str, ...]
) -> None:
    policy = with_built_in(RetryPolicy(num_retries=3), of(version))
    assert policy.num_retries == 3
    assert ("resource-exhausted" in policy.retry_on.split(",")) is has_exhausted
    assert (policy.retriable_status_codes, unsaid_of(of(version))) == (codes, unsaid)


def test_of_an_unknown_version_nothing_is_said() -> None:
    assert with_built_in(RetryPolicy(num_retries=3), of(None)) == RetryPolicy(num_retries=3)
    assert unsaid_of(of(None)) == (RETRY_ON, STATUS_CODES)


def test_without_the_meshs_settings_the_default_policy_is_not_known() -> None:
    assert default_retries(of((1, 32, 0))) == (None, (RETRIES,))
    policy, unsaid = default_retries(of((1, 32, 0), MeshConfig()))
    assert policy
    assert (policy.num_retries, unsaid) == (2, ())


_PREVIOUS = {"name": "envoy.retry_host_predicates.previous_hosts", "typed_config": {"@type": "a/b"}}
_PRIORITIES = {"name": "envoy.retry_priorities.previous_priorities", "typed_config": {"@type": "a/b"}}


@pytest.mark.parametrize(
    ("rule", "held", "other"),
    [
        (
            {"backoff": "0.05s"},
            {"retry_back_off": {"base_interval": "0.050s"}},
            {"retry_back_off": {"base_interval": "1s"}},
        ),
        ({"backoff": "50ms"}, {"retry_back_off": {"base_interval": "0.050s"}}, {}),
        ({}, {}, {"retry_back_off": {"base_interval": "0.050s"}}),
        ({}, {}, {"retry_priority": _PRIORITIES}),
        ({"retryRemoteLocalities": True}, {"retry_priority": _PRIORITIES}, {}),
        ({"retryRemoteLocalities": False}, {}, {"retry_priority": _PRIORITIES}),
        ({"retryIgnorePreviousHosts": True}, {"retry_host_predicate": [_PREVIOUS]}, {}),
        ({"retryIgnorePreviousHosts": False}, {}, {"retry_host_predicate": [_PREVIOUS]}),
    ],
)
def test_where_and_when_it_is_tried_again(rule: Json, held: Json, other: Json) -> None:
    asked = msgspec.convert({"attempts": 3, "retryOn": "5xx", **rule}, HTTPRetry)
    wanted = Expected((), Route(route=RouteAction(cluster="a", retry_policy=retry_policy(asked))))
    assert [str(one) for one in differences(wanted, route(held))] == []
    assert len([str(one) for one in differences(wanted, route(other))]) == 1


def route(policy: Json) -> Route:
    body = {"route": {"cluster": "a", "retry_policy": {"num_retries": 3, "retry_on": "5xx", **policy}}}
    found = decode(msgspec.json.encode(body), Route)
    assert isinstance(found, Route)
    return found


@pytest.mark.parametrize(("said", "is_compared"), [({}, False), ({"retryIgnorePreviousHosts": False}, True)])
def test_previous_hosts_are_istiods_own_choice_where_a_rule_says_nothing(said: Json, is_compared: bool) -> None:
    """The proxies have them, as istiod wants by default."""

    def change(body: Json) -> None:
        for rule in body["spec"]["http"]:
            rule.get("retries", {}).update(said)

    refs = [str(one) for one in recorded.mesh("gateways").objects if b'"retries"' in bytes(one.body)]
    assert refs
    told = []
    for ref in refs:
        found = recorded.of(recorded.rewritten(recorded.without_configz("gateways"), ref, change), ref)
        told += [each.field for one in found for each in one.differences]
    assert ("route.retry_policy.retry_host_predicate" in told) is is_compared
    assert set(told) <= {"route.retry_policy.retry_host_predicate"}
