"""Retries that a rule leaves to istiod, by its version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.retries import (
    RETRIES,
    RETRY_ON,
    STATUS_CODES,
    default_retries,
    unsaid_of,
    with_built_in,
)
from meshscope.istio.mesh_config import MeshConfig
from meshscope.istio.version import Version
from meshscope.xds.route_action import RetryPolicy


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
