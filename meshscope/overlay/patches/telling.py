"""What is said of a patch: what it would change in a resource, or why that is not known."""

from __future__ import annotations

from collections.abc import Sequence

from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft
from meshscope.overlay.patches.changes import differences
from meshscope.overlay.patches.merging import Json
from meshscope.overlay.patches.sequence import Patched

WHAT = {CLUSTER: "cluster", ROUTES: "route configuration", LISTENER: "listener"}
REACH = {CLUSTER: Reach.CLUSTER, ROUTES: Reach.ROUTES, LISTENER: Reach.LISTENER}


def note(draft: Draft, one: Patched, because: str, reach: Reach = Reach.REQUESTS, name: str = "") -> None:
    """That a patch is not rebuilt."""
    draft.not_rebuilt.append(
        NotRebuilt(
            object=str(named(one.owner.item)),
            because=f"{one.rule}: {because}",
            proxy=draft.client.name,
            decides=reach,
            name=name,
            location=one.owner.item.location.below(one.path),
        )
    )


def tell(  # noqa: PLR0913, PLR0917  # both sides of a resource
    draft: Draft,
    kind: str,
    name: str,
    by: Sequence[Patched],
    change: Kind,
    today: Json | None = None,
    body: Json | None = None,
) -> None:
    """What patches would change in a resource."""
    resource = draft.client.proxy.resource(kind, name)
    rules = list(dict.fromkeys(one.rule for one in by))
    objects = dict.fromkeys(str(named(one.owner.item)) for one in by)
    draft.changes.append(
        Change(
            proxy=draft.client.name,
            what=WHAT[kind],
            name=name,
            change=change,
            object=", ".join(objects),
            rule=rules[0] if len(rules) == 1 else "",
            differences=differences(today, body) if change is Kind.CHANGED else (),
            location=by[0].owner.item.location.below(by[0].path) if by else None,
            made=resource.location if resource else None,
        )
    )
