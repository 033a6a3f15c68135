"""Retries: what a rule asks for, and what istiod takes where nothing is said.

https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry, and
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/retry/retry.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Raw
from msgspec.structs import replace

from meshscope.istio.durations import envoy_duration
from meshscope.xds.message import present
from meshscope.xds.route_action import RetryBackOff, RetryPolicy

if TYPE_CHECKING:
    from meshscope.effect.configuration import Configuration
    from meshscope.istio.objects.http_route import HTTPRetry

RETRIES = "route.retry_policy."
RETRY_ON, STATUS_CODES = f"{RETRIES}retry_on", f"{RETRIES}retriable_status_codes"
PREVIOUS_HOSTS = f"{RETRIES}retry_host_predicate"
"""Names of facts."""
_HOSTS = Raw(b'{"name":"envoy.retry_host_predicates.previous_hosts","typed_config":{"@type":'
             b'"type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"}}')  # fmt: skip
_PRIORITIES = Raw(b'{"name":"envoy.retry_priorities.previous_priorities","typed_config":{"@type":'
                  b'"type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",'
                  b'"update_frequency":2}}')  # fmt: skip
_CHOICE_SINCE = (1, 26)
"""Of `backoff` and `retryIgnorePreviousHosts`."""
_BUILT_IN = ("connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes")
_BY_STATUS = "retriable-status-codes"


def retry_policy(retries: HTTPRetry | None) -> RetryPolicy | None:
    """What the rule says; None where nothing is retried."""
    if retries is None or not retries.attempts:
        return None
    names: list[str] = []
    codes: list[str] = []
    for word in filter(None, (part.strip() for part in retries.retry_on.split(","))):
        (codes if word.isdigit() else names).append(word)
    if codes and _BY_STATUS not in names:
        names.append(_BY_STATUS)
    return RetryPolicy(
        retry_on=",".join(names),
        num_retries=retries.attempts,
        per_try_timeout=envoy_duration(retries.per_try_timeout),
        retriable_status_codes=tuple(int(code) for code in codes),
        retry_priority=_PRIORITIES if retries.retry_remote_localities else Raw(),
        retry_host_predicate=(_HOSTS,) if retries.retry_ignore_previous_hosts else (),
        retry_back_off=RetryBackOff(base_interval=envoy_duration(retries.backoff)) if retries.backoff else None,
    )


def knows_choice(configuration: Configuration) -> bool:
    """Whether the control plane reads `backoff` and `retryIgnorePreviousHosts`."""
    return configuration.is_since(*_CHOICE_SINCE)


def with_built_in(policy: RetryPolicy, configuration: Configuration) -> RetryPolicy:
    """A policy whose rule leaves `retryOn` to istiod; what is not known of it stays as it is (`unsaid_of`)."""
    unsaid = unsaid_of(configuration)
    names = (*_BUILT_IN, *(() if configuration.is_since(1, 6) else ("resource-exhausted",)))
    if RETRY_ON not in unsaid:
        policy = replace(policy, retry_on=",".join(names))
    if STATUS_CODES not in unsaid and not configuration.is_since(1, 24):
        policy = replace(policy, retriable_status_codes=(503,))
    return policy


def unsaid_of(configuration: Configuration) -> tuple[str, ...]:
    """Facts of istiod's own `retryOn` that nothing tells: all where the version is unknown; from 1.24 to 1.26 a flag of istiod
    decides whether it has 503 among the status codes.
    """
    if configuration.version is None:
        return (RETRY_ON, STATUS_CODES)
    return (STATUS_CODES,) if configuration.is_since(1, 24) and not configuration.is_since(1, 27) else ()


def default_retries(configuration: Configuration) -> tuple[RetryPolicy | None, tuple[str, ...]]:
    """The policy of routes whose rule has no `retries`, and the beginnings of facts that are not told: the mesh's own policy
    (`defaultHttpRetryPolicy`) is not modelled.
    """
    settings = configuration.captured_settings
    if settings is None or present(settings.default_http_retry_policy):
        return None, (RETRIES,)
    policy = RetryPolicy(num_retries=2, retry_host_predicate=(_HOSTS,))
    return with_built_in(policy, configuration), unsaid_of(configuration)
