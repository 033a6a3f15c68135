"""A resource as istiod makes it without some of the patches that have touched it, where anything shows that.

What a patch added stands in the resource. What one merged, replaced or removed is seen in another proxy of the mesh that has
the resource without any patch, and would have this proxy's with its patches.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.overlay.draft import Draft
from meshscope.overlay.patches.applying import UnknownResultError, apply, may_have_touched, take_back
from meshscope.overlay.patches.lists import context_of
from meshscope.overlay.patches.merging import Json, alike
from meshscope.overlay.patches.sequence import Patched, patches_of


class Before:
    """`configuration` is that of today, `client` the proxy whose resources were patched."""

    def __init__(self, configuration: Configuration, client: Client) -> None:
        self._configuration, self._client = configuration, client

    def without(self, kind: str, name: str, today: Json, own: Sequence[Patched], kept: int) -> Json:
        """With the first `kept` of the patches `own`, that have made today's body, alone. Raises UnknownResultError."""
        body, context = copy.deepcopy(today), self._context(kind, today)
        try:
            for one in reversed(own[kept:]):
                take_back(one, kind, body, context)
        except UnknownResultError:
            found = self._elsewhere(kind, name, today, own)
            if found is None:
                raise
            for one in own[:kept]:
                apply(one, kind, found, context)
            return found
        return body

    def _context(self, kind: str, body: Json) -> str:
        return context_of(kind, body, is_gateway=self._client.kind == "gateway")

    def _elsewhere(self, kind: str, name: str, today: Json, own: Sequence[Patched]) -> Json | None:
        """The resource of another proxy, without patches, that is this one's with them."""
        context = self._context(kind, today)
        for client in self._configuration.clients:
            if client is self._client or not _is_alike(client, self._client):
                continue
            other = Draft(client).body(kind, name)
            patches = patches_of(self._configuration, client)
            if other is None or any(may_have_touched(one, kind, other, context) for one in patches):
                continue
            patched = copy.deepcopy(other)
            try:
                for one in own:
                    apply(one, kind, patched, context)
            except UnknownResultError:
                continue
            if alike(patched, today):
                return copy.deepcopy(other)  # type: ignore[no-any-return]  # a body of JSON
        return None


def _is_alike(one: Client, other: Client) -> bool:
    versions = [each.proxy.node.istio_version if each.proxy.node else "" for each in (one, other)]
    return (one.kind, one.namespace) == (other.kind, other.namespace) and versions[0] == versions[1]
