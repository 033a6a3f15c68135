"""EnvoyFilter: of each patch how many parts of the proxy it is for, and in how many of them its value stands.

https://istio.io/latest/docs/reference/config/networking/envoy-filter/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.patches.holders import holder
from meshscope.effect.patches.matching import has_context, is_around, is_for_proxy, is_member
from meshscope.effect.patches.parts import Json, Parts, parts_of
from meshscope.effect.patches.selection import why_not_selected
from meshscope.effect.written import Written
from meshscope.envoy.dialect import canonical
from meshscope.istio.objects.envoy_filter import EnvoyConfigObjectMatch, EnvoyConfigObjectPatch, EnvoyFilter
from meshscope.path import Path
from meshscope.untyped import untyped
from meshscope.xds.duration import duration_text
from meshscope.xds.message import present

_ADDING = ("ADD", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST")
_ANCHORED = ("INSERT_BEFORE", "INSERT_AFTER")


def rules(value: EnvoyFilter) -> Iterator[Path]:
    yield from (("spec", "configPatches", index) for index in range(len(value.spec.config_patches)))


def outcomes(configuration: Configuration, one: Written[EnvoyFilter], client: Client) -> Iterator[Outcome]:
    because = why_not_selected(configuration, one, client)
    for path, patch in zip(rules(one.value), one.value.spec.config_patches, strict=True):
        if because:
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
        else:
            yield _of_patch(path, patch, client)


class _Asked(Struct, frozen=True):
    """`value` is in the spelling of dumps."""

    client: Client
    path: Path
    apply_to: str
    wanted: EnvoyConfigObjectMatch
    operation: str
    value: Json

    @property
    def words(self) -> str:
        return self.apply_to.lower().replace("_", " ") + "s"

    def told(
        self, state: State, because: str, *, is_meant: bool = True, having: Iterable[tuple[Parts, Json]] = ()
    ) -> Outcome:
        """`having` are members in which the value stands, with their lists."""
        places = (holder(self.client, self.apply_to, parts, member) for parts, member in having)
        more = tuple(dict.fromkeys(one for one in places if one is not None))
        return Outcome(self.path, state, because, is_meant=is_meant, more=more)


def _of_patch(path: Path, patch: EnvoyConfigObjectPatch, client: Client) -> Outcome:
    operation = patch.patch.operation if patch.patch else "INVALID"
    asked = _Asked(client, path, patch.apply_to, patch.match or EnvoyConfigObjectMatch(), operation, patch_value(patch))
    if because := not_for(asked.wanted, client):
        return asked.told(State.NOT_IN_EFFECT, because, is_meant=False)
    lists = parts_of(client, patch.apply_to)
    if lists is None:
        return asked.told(State.UNKNOWN, f"what applies to {patch.apply_to} is not in dumps, or not modelled")
    here = [parts for parts in lists if has_context(asked.wanted, parts.context)]
    around = [parts for parts in here if is_around(asked.wanted, patch.apply_to, parts)]
    if operation in _ADDING:
        return _added(asked, around)
    if operation in ("MERGE", "REPLACE", "REMOVE"):
        found = [
            (parts, one) for parts in around for one in parts.members if is_member(asked.wanted, patch.apply_to, one)
        ]
        return _changed(asked, found, sum(len(parts.members) for parts in here))
    return asked.told(State.UNKNOWN, f"operation {operation} is not modelled")


def not_for(wanted: EnvoyConfigObjectMatch, client: Client) -> str:
    node = client.proxy.node
    if not is_for_proxy(wanted, node.istio_version if node else "", node.value if node else lambda _: None):
        return "its proxy match is not this proxy"
    if wanted.context not in ("", "ANY") and (wanted.context == "GATEWAY") != (client.kind == "gateway"):
        return f"its context is {wanted.context}"
    return ""


def _changed(asked: _Asked, found: list[tuple[Parts, Json]], total: int) -> Outcome:
    if asked.operation == "REMOVE":
        if found:
            return asked.told(State.NOT_IN_EFFECT, f"{len(found)} of {total} {asked.words} are still there")
        return asked.told(State.IN_EFFECT, "nothing of it is there")
    if not found:
        return asked.told(State.NOT_IN_EFFECT, f"it matches none of {total} {asked.words}")
    having = [each for each in found if contains(each[1], asked.value)]
    return asked.told(*_verdict(len(having), len(found), asked.words), having=having)


def _added(asked: _Asked, around: list[Parts]) -> Outcome:
    """The value is a new member of each list that has room for it: with the member that it stands before or behind."""
    if asked.operation in _ANCHORED:
        around = [one for one in around if any(is_member(asked.wanted, asked.apply_to, each) for each in one.members)]
    if not around:
        return asked.told(State.NOT_IN_EFFECT, f"no list of {asked.words} is one that it is for")
    if asked.apply_to in ("CLUSTER", "LISTENER"):
        around = [Parts("ANY", tuple(one for parts in around for one in parts.members))]
    first = ((parts, next((one for one in parts.members if contains(one, asked.value)), None)) for parts in around)
    having = [(parts, member) for parts, member in first if member is not None]
    return asked.told(*_verdict(len(having), len(around), f"lists of {asked.words}"), having=having)


def _verdict(having: int, count: int, words: str) -> tuple[State, str]:
    text = f"its value is in {having} of {count} {words} that it matches"
    if having == count:
        return State.IN_EFFECT, text
    return (State.PARTLY if having else State.NOT_IN_EFFECT), text


def patch_value(patch: EnvoyConfigObjectPatch) -> Json:
    """In the spelling of dumps."""
    if patch.patch is None or not present(patch.patch.value):
        return {}
    value: Any = untyped(canonical(patch.patch.value, patch.apply_to.lower(), api_v2=False))
    return value if isinstance(value, dict) else {}


def contains(whole: Any, part: Any) -> bool:
    """Whether a merged message shows a patch: each field with its value, each member of a list among the list's."""
    if isinstance(part, dict):
        if not isinstance(whole, dict):
            return False
        return all(contains(whole.get(key), value) for key, value in part.items() if not _is_default(value))
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(contains(one, member) for one in whole) for member in part)
    if isinstance(part, str) and isinstance(whole, str):
        return part == whole or duration_text(part) == duration_text(whole)
    if isinstance(part, bool) or isinstance(whole, bool):
        return part is whole
    return bool(part == whole or str(part) == str(whole))


def _is_default(value: Any) -> bool:
    """What protobuf does not print, and a merge cannot set."""
    return value in (None, "", 0, [], False) and not isinstance(value, dict)
