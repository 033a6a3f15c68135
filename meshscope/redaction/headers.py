"""Headers, query parameters and claims whose value is known to be no secret. The values of all others have stand-ins."""

from __future__ import annotations

from functools import lru_cache

_PUBLIC = frozenset(
    """
    :authority :method :path :protocol :scheme :status accept accept-encoding accept-language access-control-request-headers
    access-control-request-method allow alt-svc cache-control connection content-encoding content-language content-length
    content-type date expect expires grpc-accept-encoding grpc-encoding grpc-status grpc-timeout host keep-alive
    last-modified location origin priority proxy-connection range server strict-transport-security te trailer
    transfer-encoding upgrade user-agent vary via x-content-type-options x-frame-options
    access-control-allow-origin access-control-allow-methods access-control-allow-headers access-control-allow-credentials
    access-control-expose-headers access-control-max-age early-data
    x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip x-request-id
    x-envoy-attempt-count x-envoy-attempt-count-header x-envoy-decorator-operation x-envoy-downstream-service-cluster
    x-envoy-expected-rq-timeout-ms x-envoy-external-address x-envoy-fault-abort-request
    x-envoy-fault-delay-request x-envoy-force-trace x-envoy-hedge-on-per-try-timeout x-envoy-internal
    x-envoy-ip-tags x-envoy-is-timeout-retry x-envoy-max-retries x-envoy-original-path x-envoy-overloaded
    x-envoy-peer-metadata-id x-envoy-ratelimited x-envoy-retriable-header-names x-envoy-retriable-status-codes
    x-envoy-retry-grpc-on x-envoy-retry-on x-envoy-upstream-alt-stat-name x-envoy-upstream-canary
    x-envoy-upstream-rq-per-try-timeout-ms x-envoy-upstream-rq-timeout-alt-response x-envoy-upstream-rq-timeout-ms
    x-envoy-upstream-service-time x-envoy-original-dst-host
    """.split()  # noqa: SIM905  # a list of words is read as words
)
_PUBLIC_CLAIMS = frozenset({"iss", "aud", "sub"})
"""A token's claims of which principals are made, which policies name."""
_CREDENTIAL_PARTS = (
    "auth", "apikey", "token", "secret", "passw", "credential", "session", "jwt", "cookie", "signature", "privatekey",
)  # fmt: skip


def is_public(name: str) -> bool:
    """Whether the value of a header is known to be no secret."""
    lower = name.lower()
    return lower in _PUBLIC or (lower.startswith("x-envoy-") and not any(part in lower for part in _CREDENTIAL_PARTS))


def is_public_claim(name: str) -> bool:
    return name in _PUBLIC_CLAIMS


@lru_cache(maxsize=4096)
def is_credential(name: str) -> bool:
    """Whether a header is a credential by its name, so that a request with one is refused where it would be shown."""
    plain = name.replace("-", "").replace("_", "").lower()
    return not is_public(name) and (any(part in plain for part in _CREDENTIAL_PARTS) or plain.endswith("key"))
