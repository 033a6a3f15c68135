"""A description for people: what it is in a line, what it hangs on, then all its fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshscope.mesh.describe import Description, Reference
from meshscope.render.machine import plain, shown, yaml_text
from meshscope.render.text import safe, shortened

MOST_REFERENCES = 20
LABEL = 10


BOLD, FAINT = "1", "2"


def description(found: Description, *, colour: bool, cells: int | None) -> Iterator[str]:
    """The lines of a description; `cells` is the terminal's width, None where nothing may be cut."""

    def styled(text: str, style: str = BOLD) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if colour else text

    yield styled(safe(f"{found.kind}/{found.name}")) + (f"  {found.state}" if found.state else "")
    place = found.location.place() if found.location else None
    facts = {
        "proxy": found.proxy,
        "owner": found.owner,
        "at": f"{place.document}:{place.line or 1}  {place.path}" if place else None,
        "sync": _sync(found),
    }
    for label, value in facts.items():
        if value:
            yield f"  {styled(label.ljust(LABEL), FAINT)}{safe(value)}"
    for title, references in (("used by", found.used_by), ("reaches", found.reaches)):
        if references:
            yield styled(title)
            yield from _references(references, found.proxy, cells)
    yield styled("fields")
    for line in yaml_text(plain(shown(found.object))).splitlines():
        yield "  " + safe(line)


def _sync(found: Description) -> str | None:
    if found.sync is None:
        return None
    states = (("CDS", found.sync.cds), ("LDS", found.sync.lds), ("EDS", found.sync.eds), ("RDS", found.sync.rds))
    told = ", ".join(f"{name} {state.replace('_', ' ')}" for name, state in states)
    return told + (f" with {found.sync.istiod}" if found.sync.istiod else "")


def _references(references: Sequence[Reference], proxy: str | None, cells: int | None) -> Iterator[str]:
    for reference in references[:MOST_REFERENCES]:
        where = f"   {reference.proxy}" if reference.proxy != proxy else ""
        text = f"  {reference.kind}/{reference.name}{where}" + ("" if reference.exists else "   MISSING: no such name")
        yield shortened(safe(text), cells) if cells else safe(text)
    if len(references) > MOST_REFERENCES:
        yield f"  … and {len(references) - MOST_REFERENCES} more (-o json lists them)"
