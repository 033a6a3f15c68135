"""What would be different in a gateway's listeners."""

from __future__ import annotations

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.envoy.resource import LISTENER
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.written_rule import WrittenRule


def whole_change(client: Client, rule: WrittenRule, name: str, protocols: str, *, is_new: bool) -> Change:
    """Of a listener that comes or goes, with all that is in it."""
    kind = Kind.MADE if is_new else Kind.VANISHES
    sides = (None, protocols) if is_new else (protocols, None)
    return part_change(client, rule, kind, name, before=sides[0], after=sides[1])


def part_change(  # noqa: PLR0913  # what a change is
    client: Client,
    rule: WrittenRule,
    kind: Kind,
    name: str,
    *,
    what: str = "listener",
    before: str | None = None,
    after: str | None = None,
    differences: tuple[Difference, ...] = (),
) -> Change:
    """Of a listener, or of a part of one. `before` and `after` are in words."""
    listener = client.proxy.resource(LISTENER, name.partition(" ")[0])
    return Change(
        proxy=client.name,
        what=what,
        name=name,
        change=kind,
        object=rule.object,
        rule=rule.rule,
        before=before,
        after=after,
        differences=differences,
        location=rule.location,
        made=listener.location if listener else None,
    )
