"""Which PeerAuthentication says what a workload's port accepts.

https://istio.io/latest/docs/reference/config/security/peer_authentication/ : one that selects the workload, else that of its
namespace, else that of the root namespace; of several the oldest. A mode that is not set is inherited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

from msgspec import Struct

from meshscope.istio.kubernetes import decode
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.istio.objects.peer_authentication import MutualTLS, PeerAuthentication, PeerAuthenticationSpec
from meshscope.snapshot.snapshot import Problem

GROUP, KIND = "security.istio.io", "PeerAuthentication"
_INHERITED = ("", "UNSET")


class Level(IntEnum):
    """The narrower one comes first."""

    WORKLOAD = 0
    NAMESPACE = 1
    MESH = 2


class Policy(Struct, frozen=True):
    item: Object
    spec: PeerAuthenticationSpec

    @property
    def namespace(self) -> str:
        return self.item.namespace or "default"

    @property
    def selected(self) -> Labels:
        return self.spec.selector.match_labels if self.spec.selector else Labels()


class Mode(Struct, frozen=True):
    """`policy` says `mode` (STRICT, PERMISSIVE, DISABLE) in the field at `path`."""

    policy: Object
    mode: str
    path: tuple[str, ...]


def level_of(policy: Policy, namespace: str, labels: Labels, root: str) -> Level | None:
    """At which level a policy counts for a workload; None where it does not. One of the root namespace with a selector counts
    nowhere.
    """
    if policy.selected:
        is_own = policy.namespace == namespace != root
        return Level.WORKLOAD if is_own and labels.match(policy.selected) else None
    if policy.namespace == root:
        return Level.MESH
    return Level.NAMESPACE if policy.namespace == namespace else None


def chosen(oldest_first: Iterable[Policy], namespace: str, labels: Labels, root: str) -> dict[Level, Policy]:
    """The policy of each level that counts for a workload, the narrowest level first."""
    found: dict[Level, Policy] = {}
    for policy in oldest_first:
        level = level_of(policy, namespace, labels, root)
        if level is not None:
            found.setdefault(level, policy)
    return dict(sorted(found.items()))


def modes(policies: dict[Level, Policy], port: int | None) -> Iterator[Mode]:
    """What the chosen policies say of a port of the container, None for every other one; the first one decides."""
    for level, policy in policies.items():
        if level is Level.WORKLOAD and (mode := written_mode(policy.spec.port_level_mtls.get(str(port)))):
            yield Mode(policy.item, mode, ("spec", "portLevelMtls", str(port), "mode"))
        elif mode := written_mode(policy.spec.mtls):
            yield Mode(policy.item, mode, ("spec", "mtls", "mode"))


def written_mode(mtls: MutualTLS | None) -> str:
    """STRICT, PERMISSIVE or DISABLE; "" where it is inherited."""
    return "" if mtls is None or mtls.mode in _INHERITED else mtls.mode


def mode_of(policies: Iterable[Object], namespace: str, labels: Labels, port: int, *, root: str) -> Mode | None:
    """Of the container's port `port`; None where no policy says anything of it. `root` is the root namespace."""
    read = ((item, decode(item, PeerAuthentication)) for item in policies)
    found = [Policy(item, policy.spec) for item, policy in read if not isinstance(policy, Problem)]
    found.sort(key=lambda one: (one.item.created_at, one.item.name))
    return next(modes(chosen(found, namespace, labels, root), port), None)
