"""Host names as Istio reads and compares them: short names, and wildcards with a `*` in front.

The rules are those of https://github.com/istio/istio/tree/master/pkg/config/host ; short names are explained in
https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
"""

from __future__ import annotations

from ipaddress import ip_address

CLUSTER_DOMAIN = "cluster.local"


def full_host(name: str, namespace: str, domain: str = CLUSTER_DOMAIN) -> str:
    """`reviews` in namespace `default` is `reviews.default.svc.cluster.local`; a name with a dot or a `*` is taken as it is."""
    return name if "." in name or "*" in name or not name else f"{name}.{namespace}.svc.{domain}"


def is_within(host: str, pattern: str) -> bool:
    """Whether every name that the host stands for is one of the pattern's: `*.a.com` is within `*.com`."""
    if not pattern.startswith("*"):
        return host == pattern
    bare = host.removeprefix("*")
    return bare.endswith(pattern[1:]) and (not host.startswith("*") or len(host) >= len(pattern))


def overlap(one: str, other: str) -> bool:
    """Whether some name is one of both."""
    return is_within(one, other) or is_within(other, one)


def intersection(one: str, other: str) -> str | None:
    """The narrower of two that overlap; None for two that do not."""
    if is_within(one, other):
        return one
    return other if is_within(other, one) else None


def specificity(pattern: str) -> tuple[bool, int]:
    """Orders patterns: an exact one is greater than each wildcard, a longer wildcard than a shorter one."""
    return not pattern.startswith("*"), len(pattern)


def is_address(text: str) -> bool:
    """Whether it is an IP address, and no name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
