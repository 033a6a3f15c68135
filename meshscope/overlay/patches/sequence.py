"""The patches that a proxy's configuration is given, in the order of istiod.

Since Istio 1.22 by priority, then those of the root namespace, then by age; before, all of the root namespace come first.
https://istio.io/latest/docs/reference/config/networking/envoy-filter/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.kinds.envoy_filter import not_for, patch_value, rules
from meshscope.effect.patches.selection import why_not_selected
from meshscope.effect.written import Written
from meshscope.istio.objects.envoy_filter import EnvoyConfigObjectMatch, EnvoyFilter
from meshscope.overlay.patches.merging import Json
from meshscope.path import Path, path_text


class Patched(Struct, frozen=True, eq=False):
    """One patch of one EnvoyFilter; `value` is in the spelling of dumps."""

    owner: Written[EnvoyFilter]
    path: Path
    apply_to: str
    operation: str
    wanted: EnvoyConfigObjectMatch
    value: Json

    @property
    def key(self) -> tuple[str, str, bytes, bytes]:
        """Patches with one key do the same, whichever object they are of."""
        match, value = (msgspec.json.encode(each, order="deterministic") for each in (self.wanted, self.value))
        return self.apply_to, self.operation, match, value

    @property
    def rule(self) -> str:
        return path_text(self.path[1:])

    def __str__(self) -> str:
        return f"{self.owner} {self.rule}"


def patches_of(configuration: Configuration, client: Client) -> tuple[Patched, ...]:
    """Those for the proxy, whichever of its parts they match."""
    root = configuration.settings.root_namespace
    is_by_priority = configuration.is_since(1, 22)

    def rank(one: Written[EnvoyFilter]) -> tuple[object, ...]:
        of_root = one.namespace != root
        priority = one.value.spec.priority
        first = (priority, of_root) if is_by_priority else (of_root, priority)
        return (*first, *configuration.ages.order(one.item))

    selected = (one for one in configuration.envoy_filters if not why_not_selected(configuration, one, client))
    return tuple(patch for one in sorted(selected, key=rank) for patch in _patches(one, client))


def _patches(one: Written[EnvoyFilter], client: Client) -> Iterator[Patched]:
    for path, patch in zip(rules(one.value), one.value.spec.config_patches, strict=True):
        wanted = patch.match or EnvoyConfigObjectMatch()
        if not not_for(wanted, client):
            operation = patch.patch.operation if patch.patch else "INVALID"
            yield Patched(one, path, patch.apply_to, operation, wanted, patch_value(patch))


def tied(configuration: Configuration, patches: Sequence[Patched]) -> str:
    """Two of the patches' owners of which nothing tells the older one, in words; "" where the order is known."""
    owners = list({id(one.owner.item): one.owner for one in patches}.values())
    for number, one in enumerate(owners):
        for other in owners[number + 1 :]:
            alike = one.value.spec.priority == other.value.spec.priority and one.namespace == other.namespace
            if alike and not configuration.ages.is_known(one.item, other.item):
                return f"which of {one} and {other} is older is unknown: no time of creation is in this input"
    return ""
