"""A kind of Kubernetes objects as `get` lists it: its words and its columns."""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.kinds.columns import PrinterColumn


class ResourceKind(Struct, frozen=True):
    """One kind. `plural` is the API's name, `short_names` are kubectl's; `columns` follow name and namespace."""

    group: str
    kind: str
    plural: str
    short_names: tuple[str, ...] = ()
    namespaced: bool = True
    columns: tuple[PrinterColumn, ...] = ()

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def words(self) -> tuple[str, ...]:
        """Every word for it on the command line, the plural first. With `.group` they are unambiguous."""
        return tuple(dict.fromkeys((self.plural, self.kind.lower(), *self.short_names)))


def _plural(kind: str) -> str:
    word = kind.lower()
    if word.endswith("y") and not word.endswith("ay"):
        return word[:-1] + "ies"
    return word + "es" if word.endswith("s") else word + "s"


def kind_entry(
    group: str, kind: str, short: str = "", *columns: PrinterColumn, namespaced: bool = True
) -> ResourceKind:
    """An entry of the registry. `short` has words separated by blanks; columns are as in kubectl."""
    return ResourceKind(group, kind, _plural(kind), tuple(short.split()), namespaced, columns)
