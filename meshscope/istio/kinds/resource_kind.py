"""What `get` has to know of a kind of Kubernetes objects: its words and its columns."""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.kinds.columns import Column


class ResourceKind(Struct, frozen=True):
    """One kind. `plural` is the API's word; `short_names` are kubectl's; `columns` come after name and namespace."""

    group: str
    kind: str
    plural: str
    short_names: tuple[str, ...] = ()
    namespaced: bool = True
    columns: tuple[Column, ...] = ()

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def words(self) -> tuple[str, ...]:
        """Every word by which a user may ask for it, the plural first; with `.group` they are unambiguous."""
        return tuple(dict.fromkeys((self.plural, self.kind.lower(), *self.short_names)))


def _plural(kind: str) -> str:
    word = kind.lower()
    if word.endswith("y") and not word.endswith("ay"):
        return word[:-1] + "ies"
    return word + "es" if word.endswith("s") else word + "s"


def kind_entry(group: str, kind: str, short: str = "", *columns: Column, namespaced: bool = True) -> ResourceKind:
    """An entry of the registry; `short` are words between blanks, columns as kubectl shows them."""
    return ResourceKind(group, kind, _plural(kind), tuple(short.split()), namespaced, columns)
