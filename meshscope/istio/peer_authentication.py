"""Which PeerAuthentication says what a workload's port accepts.

https://istio.io/latest/docs/reference/config/security/peer_authentication/ : one that selects the workload, else that of its
namespace, else that of the root namespace; of several the oldest. A mode that is not set is inherited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.istio.kubernetes import decode
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.istio.objects.peer_authentication import PeerAuthentication, PeerAuthenticationSpec
from meshscope.snapshot.snapshot import Problem

GROUP, KIND = "security.istio.io", "PeerAuthentication"
_INHERITED = ("", "UNSET")


class Mode(Struct, frozen=True):
    """`policy` says `mode` (STRICT, PERMISSIVE, DISABLE) in the field at `path`."""

    policy: Object
    mode: str
    path: tuple[str, ...]


def mode_of(policies: Iterable[Object], namespace: str, labels: Labels, port: int, *, root: str) -> Mode | None:
    """Of the container's port `port`; None where no policy says anything of it. `root` is the root namespace."""
    return next(_modes(policies, namespace, labels, port, root), None)


def _modes(policies: Iterable[Object], namespace: str, labels: Labels, port: int, root: str) -> Iterator[Mode]:
    ranked: list[tuple[int, str, str, Object, PeerAuthenticationSpec]] = []
    for item in policies:
        policy = decode(item, PeerAuthentication)
        if isinstance(policy, Problem) or (item.namespace or "default") not in (namespace, root):
            continue
        wanted = policy.spec.selector.match_labels if policy.spec.selector else Labels()
        if wanted and item.namespace == namespace and labels.match(wanted):
            ranked.append((0, item.created_at, item.name, item, policy.spec))
        elif not wanted:
            rank = 1 if (item.namespace or "default") == namespace else 2
            ranked.append((rank, item.created_at, item.name, item, policy.spec))
    for rank, _, _, item, spec in sorted(ranked, key=lambda one: one[:3]):
        at_port = spec.port_level_mtls.get(str(port))
        if rank == 0 and at_port is not None and at_port.mode not in _INHERITED:
            yield Mode(item, at_port.mode, ("spec", "portLevelMtls", str(port), "mode"))
        elif spec.mtls is not None and spec.mtls.mode not in _INHERITED:
            yield Mode(item, spec.mtls.mode, ("spec", "mtls", "mode"))
