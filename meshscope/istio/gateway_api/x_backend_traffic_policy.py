"""XBackendTrafficPolicy: how often requests to a backend are retried in all, and how sessions keep their endpoint.

https://gateway-api.sigs.k8s.io/geps/gep-3388/
"""

from __future__ import annotations

from meshscope.istio.gateway_api.policy_status import PolicyStatus
from meshscope.istio.gateway_api.references import LocalObjectReference
from meshscope.istio.gateway_api.route_filters import SessionPersistence
from meshscope.typed import Typed


class BudgetDetails(Typed, frozen=True):
    """`percent` from 0 to 100, `interval` a duration."""

    percent: int = 20
    interval: str = "10s"


class RequestRate(Typed, frozen=True):
    """`count` requests in each `interval`, a duration."""

    count: int = 10
    interval: str = "1s"


class RetryConstraint(Typed, frozen=True, rename="camel"):
    budget: BudgetDetails = BudgetDetails()
    min_retry_rate: RequestRate = RequestRate()


class XBackendTrafficPolicySpec(Typed, frozen=True, rename="camel"):
    target_refs: tuple[LocalObjectReference, ...] = ()
    retry_constraint: RetryConstraint | None = None
    session_persistence: SessionPersistence | None = None


class XBackendTrafficPolicy(Typed, frozen=True):
    spec: XBackendTrafficPolicySpec = XBackendTrafficPolicySpec()
    status: PolicyStatus = PolicyStatus()
