"""What stands beside an object: the manifest that an object of Envoy was made from, or what was made from a manifest."""

from __future__ import annotations

from msgspec import Struct

from meshscope.listing.describe import Description, describe
from meshscope.listing.registry import kind_named
from meshscope.mesh.mesh import Mesh
from meshscope.path import path_text
from meshscope.tui.object_view import DECIDER, MADE, MADE_BY, OWNER, USED_BY, Link, facts
from meshscope.tui.rule_beside import destination_of, line_of, part_of, rule_of
from meshscope.tui.text.forms import Form, Text, text_of
from meshscope.work import UNFOLLOWED, Work


class Beside(Struct, frozen=True):
    """`title` names the object and its place. `thing` is the object itself. `line` is where the part of it is that the
    object on the other side was made from, 0 where that is not known.
    """

    title: str
    text: Text
    thing: Description
    line: int = 0


def link_beside(links: tuple[Link, ...], pointed: int | None = None, *, is_manifest: bool) -> Link | None:
    """The link whose object is shown: the pointed one, else what decides, the rule that made it, or the owner; of a manifest
    what it made, or what uses it.
    """
    roles = (MADE, USED_BY) if is_manifest else (DECIDER, MADE_BY, OWNER)
    opening = [link for link in links if link.target and link.role in roles]
    if pointed is not None and links[pointed] in opening:
        return links[pointed]
    return min(opening, key=lambda link: roles.index(link.role), default=None)


def why_not_beside(links: tuple[Link, ...], *, is_manifest: bool) -> str:
    """Why nothing stands beside an object."""
    if above := next((link for link in links if link.role in (DECIDER, MADE_BY, OWNER)), None):
        duty = {DECIDER: "decides", MADE_BY: "made this"}.get(above.role, "is the owner")
        return f"{above.text} {duty}, and its manifest is not in this input; add it with --from"
    if is_manifest:
        return "no proxy in this input has configuration that names this manifest"
    return "the metadata of this object does not name a manifest"


def beside(
    mesh: Mesh, link: Link, work: Work = UNFOLLOWED, *, made: Description | None = None, cluster: str = ""
) -> Beside | None:
    """A manifest as it is written, an object of Envoy as YAML. `made` is what the manifest made. None where it is gone.

    Raises CancelledError.
    """
    if link.target is None:
        return None
    thing = describe(mesh, kind_named(link.target.kind, mesh), link.target.selection, work)
    if thing is None:
        return None
    text = text_of(thing, Form.RAW, work) if thing.proxy is None else text_of(thing, Form.YAML, work)
    if len(text.lines) < 2:  # it cannot be cut out of its document, or is all on one line
        text = text_of(thing, Form.YAML, work)
    told = part_of(thing, link.part, link.at)
    rule = told or (rule_of(mesh, made, thing, work) if made else None)
    if rule and made and cluster and not link.part:
        rule = destination_of(rule, made, thing, cluster)
    line = line_of(text, thing, rule) if rule else None
    part = path_text(rule) if rule and line else ""
    return Beside(" · ".join(filter(None, (link.text, part, facts(thing)))), text, thing, line or 0)
