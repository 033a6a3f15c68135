"""The clusters, route configurations and listeners that applied EnvoyFilters patch, in one proxy.

Patches that would come are applied to what the proxy has. One that would go is taken back where what was before it is known:
what it added stands there; what it merged, where another proxy of the mesh has the same resource without the patch, and would
have this proxy's with it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.patches.selection import why_not_selected
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.istio.objects.envoy_filter import EnvoyFilter
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft
from meshscope.overlay.patches.applying import (
    ADDING,
    UnknownResultError,
    apply,
    is_effective,
    may_have_touched,
    take_back,
    touches,
    why_invalid,
)
from meshscope.overlay.patches.changes import differences
from meshscope.overlay.patches.lists import KINDS, context_of, is_one
from meshscope.overlay.patches.merging import Json, alike
from meshscope.overlay.patches.named import is_listed_twice, names_of
from meshscope.overlay.patches.sequence import Patched, patches_of, tied

_WHAT = {CLUSTER: "cluster", ROUTES: "route configuration", LISTENER: "listener"}
_REACH = {CLUSTER: Reach.CLUSTER, ROUTES: Reach.ROUTES, LISTENER: Reach.LISTENER}
_WHOLE = {"CLUSTER": CLUSTER, "LISTENER": LISTENER}
"""Kinds of parts that a patch can add and remove as a whole."""


class EnvoyFilters:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the EnvoyFilters that differ."""

    def __init__(
        self,
        before: Configuration,
        after: Configuration,
        old: tuple[Written[EnvoyFilter], ...],
        new: tuple[Written[EnvoyFilter], ...],
    ) -> None:
        self._before, self._after = before, after
        self._old, self._new = old, new

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind == "waypoint":
            self._note_waypoint(draft)
            return
        if client.kind not in ("sidecar", "gateway"):
            return
        old, new = patches_of(self._before, client), patches_of(self._after, client)
        if [one.key for one in old] != [one.key for one in new]:
            _OfProxy(self._before, self._after, draft, old, new).rebuild()

    def _note_waypoint(self, draft: Draft) -> None:
        for configuration, some in ((self._before, self._old), (self._after, self._new)):
            for one in some:
                if not why_not_selected(configuration, one, draft.client):
                    because = "what an EnvoyFilter patches in a waypoint is not rebuilt"
                    draft.not_rebuilt.append(
                        NotRebuilt(
                            object=str(named(one.item)),
                            because=because,
                            proxy=draft.client.name,
                            location=one.item.location,
                        )
                    )


class _OfProxy:
    def __init__(
        self,
        before: Configuration,
        after: Configuration,
        draft: Draft,
        old: tuple[Patched, ...],
        new: tuple[Patched, ...],
    ) -> None:
        self._before, self._after, self._draft = before, after, draft
        self._old, self._new = old, new
        known = {one.key for one in old}, {one.key for one in new}
        self._gone = tuple(one for one in old if one.key not in known[1])
        self._come = tuple(one for one in new if one.key not in known[0])

    def rebuild(self) -> None:
        come = [one for one in self._come if self._is_known(one)]
        gone = [one for one in self._gone if one.apply_to in KINDS or not self._note(one, _unmodelled(one))]
        self._new = tuple(one for one in self._new if one in come or one not in self._come)
        for one in gone:
            self._without_whole(one)
        for one in come:
            self._with_whole(one)
        order_differs = [one.key for one in self._old if one not in gone] != [
            one.key for one in self._new if one not in come
        ]
        asking = (*gone, *come) if not order_differs else (*self._old, *self._new)
        for kind in (CLUSTER, ROUTES, LISTENER):
            some = [one for one in asking if kind in KINDS.get(one.apply_to, ())]
            if some:
                for name in names_of(self._draft, kind, some):
                    self._of_resource(kind, name)

    # --- what is known -----------------------------------------------------------------------------------------------

    def _is_known(self, one: Patched) -> bool:
        because = _unmodelled(one) if one.apply_to not in KINDS else why_invalid(one)
        return not (because and self._note(one, because))

    def _note(self, one: Patched, because: str, reach: Reach = Reach.REQUESTS, name: str = "") -> bool:
        self._draft.not_rebuilt.append(
            NotRebuilt(
                object=str(named(one.owner.item)),
                because=f"{one.rule}: {because}",
                proxy=self._draft.client.name,
                decides=reach,
                name=name,
                location=one.owner.item.location.below(one.path),
            )
        )
        return True

    # --- whole resources ---------------------------------------------------------------------------------------------

    def _with_whole(self, one: Patched) -> None:
        kind = _WHOLE.get(one.apply_to)
        name = str(one.value.get("name", ""))
        if kind is None or one.operation not in ("ADD", "REMOVE"):
            return
        if one.operation == "REMOVE":
            for each in names_of(self._draft, kind, [one]):
                body = self._draft.body(kind, each)
                if body is not None and touches(one, kind, body, self._context(kind, body)):
                    self._drop(kind, each, one)
        elif self._draft.body(kind, name) is not None or not name:
            self._note(one, f"the proxy has a {_WHAT[kind]} {name} already", _REACH[kind], name)
        else:
            self._draft.put(kind, name, copy.deepcopy(one.value))
            self._tell(kind, name, (one,), Kind.MADE)

    def _without_whole(self, one: Patched) -> None:
        kind = _WHOLE.get(one.apply_to)
        name = str(one.value.get("name", ""))
        if kind is None or one.operation not in ("ADD", "REMOVE"):
            return
        if one.operation == "REMOVE":
            only = one.wanted.cluster.name if one.wanted.cluster else ""
            because = f"which {_WHAT[kind]}s it has removed is not known"
            self._note(one, because, Reach.CLUSTER if only else Reach.REQUESTS, only)
            return
        body = self._draft.body(kind, name)
        if body is not None and alike(body, one.value):
            self._drop(kind, name, one)
        elif body is not None:
            self._note(one, f"{_WHAT[kind]} {name} is today not what it adds", _REACH[kind], name)

    def _drop(self, kind: str, name: str, one: Patched) -> None:
        if kind == CLUSTER:
            body = self._draft.body(kind, name) or {}
            self._draft.remove_cluster(name, (body.get("eds_cluster_config") or {}).get("service_name") or name)
        else:
            self._draft.remove(kind, name)
        self._tell(kind, name, (one,), Kind.VANISHES)

    # --- parts of resources ------------------------------------------------------------------------------------------

    def _context(self, kind: str, body: Json) -> str:
        return context_of(kind, body, is_gateway=self._draft.client.kind == "gateway")

    def _of_resource(self, kind: str, name: str) -> None:
        today = self._draft.body(kind, name)
        if today is None:
            return
        context = self._context(kind, today)
        own = [one for one in self._old if may_have_touched(one, kind, today, context)]
        keys = {one.key for one in own}
        come = {one.key for one in self._come}
        new = [one for one in self._new if one.key in keys or one.key in come]
        new = [one for one in new if one.operation not in ("ADD", "REMOVE") or one.apply_to not in _WHOLE]
        same = next(
            (number for number, pair in enumerate(zip(own, new, strict=False)) if pair[0].key != pair[1].key), None
        )
        same = min(len(own), len(new)) if same is None else same
        back, ahead = own[same:], new[same:]
        try:
            body = self._base(kind, name, today, back, own)
            self._check(back, ahead)
            for one in ahead:
                apply(one, kind, body, context)
        except UnknownResultError as error:
            self._doubt(kind, name, today, [*back, *ahead], str(error))
            return
        if alike(body, today):
            return
        if is_listed_twice(self._draft, kind, name):
            self._draft.remove(kind, name)  # the one in its listener is told, and patched
            return
        self._draft.put(kind, name, body)
        differing = [one for one in (*self._come, *self._gone) if one in back or one in ahead]
        by = [one for one in differing if any(may_have_touched(one, kind, each, context) for each in (today, body))]
        self._tell(kind, name, by, Kind.CHANGED, today, body)

    def _doubt(self, kind: str, name: str, today: Json, some: Sequence[Patched], because: str) -> None:
        if is_listed_twice(self._draft, kind, name):
            return
        context = self._context(kind, today)
        differing = [one for one in some if one in self._come or one in self._gone]
        touching = [one for one in differing if may_have_touched(one, kind, today, context)]
        for one in (touching or differing)[:1]:
            self._note(one, f"{_WHAT[kind]} {name}: {because}", _REACH[kind], name)

    def _check(self, back: Sequence[Patched], ahead: Sequence[Patched]) -> None:
        """A merge that would meet what another patch adds, and patches whose order nothing tells."""
        if back and (doubt := tied(self._after, ahead)):
            raise UnknownResultError(doubt)
        for one in self._new:
            for other in self._new:
                is_new = one in ahead or other in ahead
                if is_new and one.operation == "MERGE" and other.operation in ADDING and _meets(one, other):
                    raise UnknownResultError(f"{one} is merged into what {other} adds")

    def _base(self, kind: str, name: str, today: Json, back: Sequence[Patched], own: Sequence[Patched]) -> Json:
        """What istiod makes without the patches `back`, which are the last ones of `own`."""
        body = copy.deepcopy(today)
        try:
            for one in reversed(back):
                take_back(one, kind, body, self._context(kind, today))
        except UnknownResultError:
            found = self._elsewhere(kind, name, today, own)
            if found is None:
                raise
            for one in own[: len(own) - len(back)]:
                apply(one, kind, found, self._context(kind, today))
            return found
        return body

    def _elsewhere(self, kind: str, name: str, today: Json, own: Sequence[Patched]) -> Json | None:
        """The resource of another proxy, without patches, that is this one's with them."""
        for client in self._before.clients:
            if client is self._draft.client or not _is_alike(client, self._draft.client):
                continue
            other = Draft(client).body(kind, name)
            context = self._context(kind, today)
            if other is None or any(may_have_touched(one, kind, other, context) for one in self._patches(client)):
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

    def _patches(self, client: Client) -> tuple[Patched, ...]:
        return patches_of(self._before, client)

    def _tell(  # noqa: PLR0913, PLR0917  # both sides of a resource
        self,
        kind: str,
        name: str,
        by: Sequence[Patched],
        change: Kind,
        today: Json | None = None,
        body: Json | None = None,
    ) -> None:
        resource = self._draft.client.proxy.resource(kind, name)
        rules = list(dict.fromkeys(one.rule for one in by))
        objects = dict.fromkeys(str(named(one.owner.item)) for one in by)
        self._draft.changes.append(
            Change(
                proxy=self._draft.client.name,
                what=_WHAT[kind],
                name=name,
                change=change,
                object=", ".join(objects),
                rule=rules[0] if len(rules) == 1 else "",
                differences=differences(today, body) if change is Kind.CHANGED else (),
                location=by[0].owner.item.location.below(by[0].path) if by else None,
                made=resource.location if resource else None,
            )
        )


def _is_alike(one: Client, other: Client) -> bool:
    versions = [each.proxy.node.istio_version if each.proxy.node else "" for each in (one, other)]
    return (one.kind, one.namespace) == (other.kind, other.namespace) and versions[0] == versions[1]


def _meets(merge: Patched, adding: Patched) -> bool:
    """Of routes and virtual hosts istiod merges first, and adds then."""
    is_later = merge.apply_to in ("NETWORK_FILTER", "HTTP_FILTER", "LISTENER_FILTER")
    return is_later and merge.apply_to == adding.apply_to and is_one(merge, adding.value)


def _unmodelled(one: Patched) -> str:
    return f"what applies to {one.apply_to} is not rebuilt" if is_effective(one) else f"operation {one.operation}"
