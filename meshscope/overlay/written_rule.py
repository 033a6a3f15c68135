"""The rule that people wrote, of an object that istiod may have made of the Gateway API or of an Ingress."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.generated import Generated, Origin
from meshscope.effect.ingress.translation import MARK
from meshscope.effect.written import Written
from meshscope.istio.manifest import Object
from meshscope.location import Location
from meshscope.overlay.applied import named
from meshscope.path import Path, path_text

_SERVERS: Path = ("spec", "servers")


class WrittenRule(Struct, frozen=True):
    """`path` is that in the object, from `spec` on."""

    item: Object
    path: Path

    @property
    def object(self) -> str:
        return str(named(self.item))

    @property
    def rule(self) -> str:
        return path_text(self.path[1:])

    @property
    def location(self) -> Location:
        return self.item.location.below(self.path)

    def __str__(self) -> str:
        return f"{self.item} {self.rule}".rstrip()


def written_rule(owner: Written[Any], path: Path) -> WrittenRule:
    """`path` is that of a rule of `owner`, or of something in it."""
    if origin := origin_of(owner, path):
        return WrittenRule(origin.item, origin.path)
    name, mark, namespace = owner.item.name.partition(f"-{MARK}-")
    if isinstance(owner, Generated) and mark:  # port 80 of an Ingress, which none of its rules asks for
        item = replace(owner.item, group="networking.k8s.io", kind="Ingress", name=name, namespace=namespace)
        return WrittenRule(item, ())
    return WrittenRule(owner.item, path)


def origin_of(owner: Written[Any], path: Path) -> Origin | None:
    """None for what people wrote themselves. Where no rule is named it is that of the first."""
    if not isinstance(owner, Generated):
        return None
    known = owner.origins.get(path[:3])
    return known or (None if path[:2] == _SERVERS else next(iter(owner.origins.values()), None))


def sources_of(owner: Written[Any]) -> tuple[str, ...]:
    """The objects that people wrote of which it is made, `Kind namespace/name`."""
    return owner.sources if isinstance(owner, Generated) else (str(owner),)
