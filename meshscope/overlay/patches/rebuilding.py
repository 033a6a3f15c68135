"""The clusters, route configurations and listeners that applied EnvoyFilters patch, in one proxy.

Patches that would come are applied to what the proxy has. One that would go is taken back where what was before it is known.
"""

from __future__ import annotations

from collections.abc import Sequence

from meshscope.effect.configuration import Configuration
from meshscope.effect.patches.selection import why_not_selected
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.istio.objects.envoy_filter import EnvoyFilter
from meshscope.overlay.applied import named
from meshscope.overlay.change import Kind, NotRebuilt
from meshscope.overlay.draft import Draft
from meshscope.overlay.patches.applying import (
    ADDING,
    UnknownResultError,
    apply,
    is_effective,
    may_have_touched,
    why_invalid,
)
from meshscope.overlay.patches.before import Before
from meshscope.overlay.patches.lists import KINDS, context_of, is_one
from meshscope.overlay.patches.merging import Json, alike
from meshscope.overlay.patches.named import is_listed_twice, names_of
from meshscope.overlay.patches.sequence import Patched, patches_of, tied
from meshscope.overlay.patches.telling import REACH, WHAT, note, tell
from meshscope.overlay.patches.wholes import is_of_whole, with_whole, without_whole


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
        self._after, self._draft = after, draft
        self._was = Before(before, draft.client)
        self._old, self._new = old, new
        known = {one.key for one in old}, {one.key for one in new}
        self._gone = tuple(one for one in old if one.key not in known[1])
        self._come = tuple(one for one in new if one.key not in known[0])

    def rebuild(self) -> None:
        come = [one for one in self._come if self._is_known(one)]
        gone = [one for one in self._gone if one.apply_to in KINDS]
        for one in self._gone:
            if one not in gone:
                note(self._draft, one, _unmodelled(one))
        self._new = tuple(one for one in self._new if one in come or one not in self._come)
        for one in gone:
            without_whole(self._draft, one)
        for one in come:
            with_whole(self._draft, one)
        order_differs = [one.key for one in self._old if one not in gone] != [
            one.key for one in self._new if one not in come
        ]
        asking = (*gone, *come) if not order_differs else (*self._old, *self._new)
        for kind in (CLUSTER, ROUTES, LISTENER):
            some = [one for one in asking if kind in KINDS.get(one.apply_to, ())]
            if some:
                for name in names_of(self._draft, kind, some):
                    self._of_resource(kind, name)

    def _is_known(self, one: Patched) -> bool:
        because = _unmodelled(one) if one.apply_to not in KINDS else why_invalid(one)
        if because:
            note(self._draft, one, because)
        return not because

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
        new = [one for one in new if not is_of_whole(one)]
        same = next(
            (number for number, pair in enumerate(zip(own, new, strict=False)) if pair[0].key != pair[1].key), None
        )
        same = min(len(own), len(new)) if same is None else same
        back, ahead = own[same:], new[same:]
        try:
            body = self._was.without(kind, name, today, own, same)
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
        tell(self._draft, kind, name, by, Kind.CHANGED, today, body)

    def _doubt(self, kind: str, name: str, today: Json, some: Sequence[Patched], because: str) -> None:
        if is_listed_twice(self._draft, kind, name):
            return
        context = self._context(kind, today)
        differing = [one for one in some if one in self._come or one in self._gone]
        touching = [one for one in differing if may_have_touched(one, kind, today, context)]
        for one in (touching or differing)[:1]:
            note(self._draft, one, f"{WHAT[kind]} {name}: {because}", REACH[kind], name)

    def _check(self, back: Sequence[Patched], ahead: Sequence[Patched]) -> None:
        """A merge that would meet what another patch adds, and patches whose order nothing tells."""
        if back and (doubt := tied(self._after, ahead)):
            raise UnknownResultError(doubt)
        for one in self._new:
            for other in self._new:
                is_new = one in ahead or other in ahead
                if is_new and one.operation == "MERGE" and other.operation in ADDING and _meets(one, other):
                    raise UnknownResultError(f"{one} is merged into what {other} adds")


def _meets(merge: Patched, adding: Patched) -> bool:
    """Of routes and virtual hosts istiod merges first, and adds then."""
    is_later = merge.apply_to in ("NETWORK_FILTER", "HTTP_FILTER", "LISTENER_FILTER")
    return is_later and merge.apply_to == adding.apply_to and is_one(merge, adding.value)


def _unmodelled(one: Patched) -> str:
    return f"what applies to {one.apply_to} is not rebuilt" if is_effective(one) else f"operation {one.operation}"
