"""The filters of applied WasmPlugins and TrafficExtensions, in the connection managers of one proxy, and their modules.

Filters of plugins that stay as they are stay where istiod has put them. Where today's filters do not stand as istiod would put
them, as behind an EnvoyFilter, nothing is foretold.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.policies.chains import knows_listeners
from meshscope.envoy.resource import ECDS, LISTENER, STATIC
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.extensions.bodies import changed_module, filter_of, module_of
from meshscope.overlay.extensions.filter_list import arranged
from meshscope.overlay.extensions.plugins import KINDS, Plugin, in_order, plugins_of, tied
from meshscope.overlay.extensions.telling import Places, change_of
from meshscope.overlay.patches.lists import managers

_REFERENCE = "config_discovery"
_TUNNELS = ("connect_terminate",)
"""Listeners that unpack what other proxies have packed; the filters of requests stand behind them."""


class Extensions:
    """`before` and `after` are two configurations of the same proxies; of the `applied` objects those of other kinds may have
    put filters behind those of plugins.
    """

    def __init__(self, before: Configuration, after: Configuration, applied: tuple[Applied, ...]) -> None:
        self._before, self._after = before, after
        self._touched = {str(named(one.item)) for one in applied if one.kind in KINDS}
        self._old, self._new = tuple(plugins_of(before)), tuple(plugins_of(after))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        old = list(self._for(draft, self._before, self._old))
        new = list(self._for(draft, self._after, self._new))
        touched = [one for one in (*new, *old) if one.object in self._touched]
        if client.kind == "waypoint" or not (old or new):
            return
        if touched and not knows_listeners(client):
            self._note(draft, touched[0], "not all listeners were captured")
            return
        unknown = {one.object: one for one in touched if one.why_unknown}
        for one in unknown.values():
            self._note(draft, one, one.why_unknown)
        self._modules(draft, old, new)
        _OfProxy(
            self._after,
            draft,
            _Sides(
                [one for one in old if one.object not in unknown], [one for one in new if one.object not in unknown]
            ),
            self._touched - unknown.keys(),
        ).rebuild()
        self._note_ties(draft, new)

    def _for(self, draft: Draft, configuration: Configuration, plugins: tuple[Plugin, ...]) -> Iterator[Plugin]:
        """Those of them that are for the proxy; an object of which that is not known is told."""
        for one in plugins:
            if draft.client.kind not in ("sidecar", "gateway"):
                if draft.client.kind == "waypoint" and one.object in self._touched:
                    self._note(draft, one, "plugins of a waypoint are not rebuilt")
                continue
            found = one.selection(configuration, draft.client)
            if found.is_selected is None and one.object in self._touched:
                self._note(draft, one, found.because)
            if found.is_selected:
                yield one

    def _modules(self, draft: Draft, old: list[Plugin], new: list[Plugin]) -> None:
        """Modules of Wasm come on their own, by the name of the filter."""
        before, after = ({one.object: one for one in some if one.is_wasm} for some in (old, new))
        for name in sorted(self._touched & (before.keys() | after.keys())):
            was, would = before.get(name), after.get(name)
            if was is not None and would is None:
                for each in was.asked.names:
                    if draft.body(ECDS, each) is not None:
                        draft.remove(ECDS, each)
            elif would is not None:
                self._put_module(draft, was, would)

    def _put_module(self, draft: Draft, was: Plugin | None, would: Plugin) -> None:
        wasm = would.asked.wasm
        today = next((each for each in would.asked.names if draft.body(ECDS, each) is not None), "")
        if wasm is None:
            return
        body = module_of(self._after, would, wasm)
        if today and was is not None and was.asked.wasm is not None:
            body = changed_module(draft.body(ECDS, today), module_of(self._before, was, was.asked.wasm), body)
            if body == draft.body(ECDS, today):
                return
        draft.put(ECDS, today or would.name, {**body, "name": today or would.name})

    def _note_ties(self, draft: Draft, new: list[Plugin]) -> None:
        for one in (each for each in new if each.object in self._touched):
            other = next((each for each in new if each is not one and tied(self._after, one, each)), None)
            if other is not None:
                because = f"whether its filter stands before that of {other.object} is not known"
                self._note(draft, one, because, Reach.NOTHING)

    def _note(self, draft: Draft, one: Plugin, because: str, reach: Reach = Reach.REQUESTS) -> None:
        draft.not_rebuilt.append(_unknown(draft.client, one, because, reach))


class _Sides(Struct, frozen=True):
    """The plugins that are for the proxy, as it is and as it would be."""

    old: list[Plugin]
    new: list[Plugin]

    @property
    def names(self) -> set[str]:
        return {name for one in (*self.old, *self.new) for name in one.asked.names}


class _OfProxy:
    """The listeners of one proxy; `touched` are the plugins whose filters may come, go or change."""

    def __init__(self, after: Configuration, draft: Draft, sides: _Sides, touched: set[str]) -> None:
        self._draft, self._sides, self._touched = draft, sides, touched
        self._is_old = not after.is_since(1, 16)
        self._places: dict[str, Places] = {}

    def rebuild(self) -> None:
        for name in self._names():
            listener = self._draft.body(LISTENER, name)
            if listener is not None and (mode := self._mode(name, listener)):
                self._of_listener(name, listener, mode)
        for name, places in self._places.items():
            if (found := change_of(self._draft, name, places)) is not None:
                self._draft.changes.append(found)

    def _names(self) -> list[str]:
        """Those of listeners that may have other filters."""
        changed = [name for kind, name in self._draft.differing(({}, set())) if kind == LISTENER]
        if not any(one.object in self._touched for one in (*self._sides.old, *self._sides.new)):
            return changed
        captured = [one.name for one in self._draft.client.proxy.resources(LISTENER) if one.state != STATIC]
        return list(dict.fromkeys((*captured, *changed)))

    def _mode(self, name: str, listener: Json) -> str:
        """The word for its side of the traffic; "" for one without filters of plugins."""
        if name in _TUNNELS or "internal_listener" in listener:
            return ""
        if self._draft.client.kind == "gateway":
            return "CLIENT"
        return {"INBOUND": "SERVER", "OUTBOUND": "CLIENT"}.get(listener.get("traffic_direction", ""), "")

    def _of_listener(self, name: str, listener: Json, mode: str) -> None:
        body = copy.deepcopy(listener)
        own = [one for _, one in managers(body)]
        known = [one for _, one in managers(Draft(self._draft.client).body(LISTENER, name) or {})]
        is_changed = False
        for manager, captured in zip(own, known if len(known) == len(own) else own, strict=True):
            today = manager.get("http_filters", [])
            if self._is_other(captured.get("http_filters", []), mode):
                self._note(name)
                continue
            wanted = self._filters(name, today, mode)
            if wanted != today:
                manager["http_filters"] = wanted
                is_changed = True
        if is_changed:
            self._draft.put(LISTENER, name, body)

    def _filters(self, listener: str, today: list[Json], mode: str) -> list[Json]:
        """Of a connection manager."""
        present = self._present(today)
        own = {one.get("name"): one for one in today}
        old = [one for one in self._sides.old if _held(one, present)]
        new = [
            one
            for one in self._sides.new
            if (one.asked.is_for(mode, None) if one.object in self._touched else _held(one, present))
        ]
        plugins = []
        for one in in_order(new, present, self._draft.client):
            held = own.get(_held(one, present))
            plugins.append((one.phase, held if self._stays(one, held) else filter_of(one)))
        found = arranged(today, self._sides.names, plugins, is_old=self._is_old)
        for name in self._touched:
            was, would = (next((one for one in some if one.object == name), None) for some in (old, new))
            if was or would:
                self._places.setdefault(name, Places()).add(was, would, listener, today, found)
        return found

    def _is_other(self, today: list[Json], mode: str) -> bool:
        """Whether a filter of a touched plugin is missing, or one of any stands elsewhere than istiod puts it."""
        present = self._present(today)
        old = [one for one in self._sides.old if _held(one, present)]
        if any(one.object in self._touched and one.asked.is_for(mode, None) != (one in old) for one in self._sides.old):
            return True
        own = {one.get("name"): one for one in today}
        plugins = [(one.phase, own[_held(one, present)]) for one in in_order(old, present, self._draft.client)]
        return arranged(today, self._sides.names, plugins, is_old=self._is_old) != today

    def _present(self, filters: list[Json]) -> list[str]:
        return [one["name"] for one in filters if one.get("name") in self._sides.names]

    def _stays(self, one: Plugin, today: Json | None) -> bool:
        """Whether today's filter is the one that would be: a reference to a module always is."""
        return today is not None and (one.object not in self._touched or (one.is_wasm and _REFERENCE in today))

    def _note(self, listener: str) -> None:
        for one in (each for each in (*self._sides.new, *self._sides.old) if each.object in self._touched):
            because = (
                f"the filters of plugins in listener {listener} are today not what istiod makes of the mesh's plugins"
            )
            found = _unknown(self._draft.client, one, because, Reach.LISTENER, listener)
            if found not in self._draft.not_rebuilt:
                self._draft.not_rebuilt.append(found)


def _held(one: Plugin, present: list[str]) -> str:
    """The name that its filter has today; "" without one."""
    return next((name for name in one.asked.names if name in present), "")


def _unknown(client: Client, one: Plugin, because: str, reach: Reach, name: str = "") -> NotRebuilt:
    return NotRebuilt(
        object=one.object,
        because=because,
        proxy=client.name,
        decides=reach,
        name=name,
        location=one.owner.item.location,
    )
