"""A proxy of which some resources are others than those that were captured: what it would have, were something applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw

from meshscope.envoy.resource import ACTIVE, CLUSTER, Origin, Resource
from meshscope.location import Document
from meshscope.mesh.account import Account
from meshscope.mesh.proxy import Proxy
from meshscope.once import once

if TYPE_CHECKING:
    from meshscope.envoy.cluster_status import ClusterStatus

Edits = Mapping[tuple[str, str], bytes | None]
"""Bodies in v3 spelling by kind and name of the resource; None takes the resource away."""


class OverlaidProxy(Proxy):
    """`captured` with other resources; everything else of it is what was captured.

    Each body is a document of its own, named after its proxy, so that its places can be shown. `relabelled` are clusters that
    have other hosts than those which were seen in them.
    """

    def __init__(self, captured: Proxy, edits: Edits, relabelled: frozenset[str] = frozenset()) -> None:
        accounts = dict(captured.accounts)
        accounts[captured.view] = _OverlaidAccount(captured.account, captured.name, edits)
        super().__init__(
            captured.id,
            captured.bodies,
            accounts=accounts,
            answers=captured.answers,
            not_captured=captured.not_captured,
            wanted_view=captured.view,
        )
        self._captured = captured
        self._unseen = relabelled | {name for kind, name in edits if kind == CLUSTER and edits[kind, name] is None}

    @once
    def live_clusters(self) -> dict[str, ClusterStatus] | None:
        """What `/clusters` says of clusters that have the same hosts."""
        seen = self._captured.live_clusters
        return None if seen is None else {name: one for name, one in seen.items() if name not in self._unseen}


class _OverlaidAccount(Account):
    def __init__(self, base: Account, proxy: str, edits: Edits) -> None:
        super().__init__(base.documents)
        self._base, self._proxy, self._edits = base, proxy, edits

    @once
    def by_kind(self) -> dict[str, tuple[Resource, ...]]:
        """In the order of the captured ones; new ones come last."""
        found = dict(self._base.by_kind)
        for kind in {kind for kind, _ in self._edits}:
            new = {name: body for (other, name), body in self._edits.items() if other == kind}
            kept = []
            for resource in found.get(kind, ()):
                if not resource.in_effect or resource.name not in new:
                    kept.append(resource)
                elif new[resource.name] is not None and (body := new.pop(resource.name)) is not None:
                    kept.append(self._resource(kind, resource.name, resource.state, body))
            kept += [self._resource(kind, name, ACTIVE, body) for name, body in new.items() if body is not None]
            found[kind] = tuple(kept)
        return found

    def _resource(self, kind: str, name: str, state: str, body: bytes) -> Resource:
        document = Document(f"{self._proxy}/{kind}/{name} as rebuilt", lambda: msgspec.json.format(body, indent=1))
        return Resource(Origin(document, rewritten=False), kind, name, state, Raw(body), (), "")
