"""What EnvoyFilters that stay as they are patch of what others make anew: istiod patches it again, a rebuilt body is not."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.overlay.applied import named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.patches.applying import may_have_touched
from meshscope.overlay.patches.lists import KINDS, context_of
from meshscope.overlay.patches.sequence import Patched, patches_of

_REACH = {CLUSTER: Reach.CLUSTER, ROUTES: Reach.ROUTES, LISTENER: Reach.LISTENER}
_WHOLE = {"CLUSTER": CLUSTER, "VIRTUAL_HOST": ROUTES}
"""Parts that are changed field by field, so that a merge into other fields stays."""


def patched_anew(before: Configuration, after: Configuration, draft: Draft) -> Iterator[NotRebuilt]:
    """Of a draft before patches are applied that come."""
    stay = {one.key for one in patches_of(after, draft.client)}
    standing = [one for one in patches_of(before, draft.client) if one.key in stay]
    for (kind, name), was in draft.differing(({}, set())).items() if standing else ():
        body = draft.body(kind, name)
        for part, old, spot in _parts(kind, name, was, body) if kind in _REACH and body is not None else ():
            for patch in standing:
                if is_for(patch, kind, part, is_gateway=draft.client.kind == "gateway") and not _stays(
                    patch, part, old
                ):
                    yield NotRebuilt(
                        object=str(named(patch.owner.item)),
                        because=f"{patch.rule}: what it patches of {spot} is not rebuilt",
                        proxy=draft.client.name,
                        decides=_REACH[kind],
                        name=spot,
                        location=patch.owner.item.location.below(patch.path),
                    )


def is_for(patch: Patched, kind: str, body: Json, *, is_gateway: bool) -> bool:
    """Whether it is for a part of a resource that is made anew; fields of a whole table are none."""
    is_part = kind in KINDS.get(patch.apply_to, ()) and patch.apply_to != "ROUTE_CONFIGURATION"
    return is_part and may_have_touched(patch, kind, body, context_of(kind, body, is_gateway=is_gateway))


def _parts(kind: str, name: str, was: Json | None, body: Json) -> Iterator[tuple[Json, Json | None, str]]:
    """The resource with one part alone that is another one now, that part as it was, None for a new one, and its name."""
    if kind == CLUSTER:
        yield body, was, name
    elif kind == ROUTES:
        known = {each.get("name"): each for each in (was or {}).get("virtual_hosts", ())}
        for each in body.get("virtual_hosts", ()):
            if each != (old := known.get(each.get("name"))):
                yield {**body, "virtual_hosts": [each]}, old, f"{name}/{each.get('name')}"
    else:
        matches = [each.get("filter_chain_match") for each in (was or {}).get("filter_chains", ())]
        chains = [each for each in body.get("filter_chains", ()) if each.get("filter_chain_match") not in matches]
        if chains or was is None:  # others are the captured ones, with all that stands in them
            yield {**body, "filter_chains": chains}, None, name


def _stays(patch: Patched, part: Json, old: Json | None) -> bool:
    """Whether what it merged is in fields that have not changed."""
    if old is None or patch.operation != "MERGE" or patch.apply_to not in _WHOLE:
        return False
    now = part["virtual_hosts"][0] if patch.apply_to == "VIRTUAL_HOST" else part
    return all(now.get(field) == old.get(field) for field in patch.value)
