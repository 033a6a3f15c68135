"""A trace for people: a line for each hop when all is well, the reason in the middle of the screen when not.

Every path starts with its probability and how it ends; below are its hops with what was chosen and what nearly was. With
`verbose` each step has its line. Glyph and word say the same as the colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshscope.render.text import padded, safe, shortened, width
from meshscope.simulation.hints import Hint
from meshscope.simulation.trace import Hop, Path, Rejected, Step, Trace

_GLYPHS = {"yes": "✓", "no": "✗", "unknown": "?"}
_COLOURS = {"yes": "32", "no": "31", "unknown": "33"}
_MOST_LOST = 3
_KIND = 16


class Look:
    """How lines are drawn: with colour or not, cut to the terminal or not."""

    def __init__(self, *, colour: bool, cells: int | None, verbose: bool) -> None:
        self.colour = colour
        self.cells = cells
        self.verbose = verbose

    def styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and style else text

    def fitted(self, text: str, indent: int) -> str:
        return shortened(safe(text), max(20, self.cells - indent)) if self.cells else safe(text)

    def wrapped(self, text: str, indent: int) -> list[str]:
        """The text in as many lines as it takes: a reason or a name that decides is never cut in the middle."""
        if not self.cells:
            return [safe(text)]
        room = max(20, self.cells - indent)
        lines = [""]
        for word in safe(text).split(" "):
            if not lines[-1] or width(lines[-1]) + 1 + width(word) <= room:
                lines[-1] += f" {word}" if lines[-1] else word
            else:
                lines.append(word)
        return [shortened(line, room) for line in lines]


def trace_tree(trace: Trace, question: str, look: Look) -> Iterator[str]:
    """The lines of a trace; `question` says what was asked."""
    yield look.styled(look.fitted(question, 0), "1")
    for path in trace.paths:
        yield ""
        yield from _path(path, look)
    for text in trace.assumptions:
        yield look.styled(f"assuming {look.fitted(text, 9)}", "2")
    for problem in trace.problems:
        yield look.styled(f"missing {look.fitted(problem.message, 8)}", "2")


def _path(path: Path, look: Look) -> Iterator[str]:
    good = path.is_well
    verdict = "yes" if good else "unknown" if path.disposition == "unknown" else "no"
    share = "  ? %" if path.probability is None else f"{100 * path.probability:3.0f} %"
    head = f"{share}  {_GLYPHS[verdict]} {path.disposition}"
    yield look.styled(head, "1;" + _COLOURS[verdict]) + look.fitted(_ending(path), width(head))
    for number, hop in enumerate(path.hops):
        last = number == len(path.hops) - 1
        yield from _hop(hop, look, is_last=last, failed=last and not good)
    if path.others:
        yield f"       {path.others} more outcomes; --max-paths shows more"
    for text in path.assuming:
        yield look.styled(f"       assuming {look.fitted(text, 16)}", "33")
    if path.if_passed:
        yield look.styled(f"       if so: {path.if_passed}", "33")


def _ending(path: Path) -> str:
    """What comes after the disposition: the answer, or where it was delivered."""
    taker = f"   to {takers}" if path.disposition == "delivered" and (takers := _takers(path)) else ""
    if path.response:
        answer = str(path.response.code) if path.response.code else "closed"
        flags = f" {path.response.flags}" if path.response.flags not in ("", "-") else ""
        where = f" → {path.response.location}" if path.response.location else ""
        return f"{taker}   {answer}{flags}  {path.response.details}{where}"
    return taker


def _takers(path: Path) -> str:
    """The pods or addresses of which one gets it."""
    endpoints = (path.hops[-1].endpoints if path.hops else None) or ()
    names = sorted({one.pod or one.address for one in endpoints})
    return f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''}"


def _hop(hop: Hop, look: Look, *, is_last: bool, failed: bool) -> Iterator[str]:
    branch = "└─" if is_last else "├─"
    name = look.styled(safe(hop.proxy), "1")
    yield f"  {branch} {name}  {look.styled(hop.direction, '2')}" + (f"  view: {hop.view}" if hop.view else "")
    gap = "       " if is_last else "  │    "
    if look.verbose:
        for step in hop.steps:
            yield from _step(step, gap, look)
        return
    for line in look.wrapped(_way(hop), 7):
        yield gap + line
    owners = dict.fromkeys(step.owner for step in hop.steps if step.owner)
    if owners:
        yield from _dim("made by", " · ".join(owners), gap, look)
    decisive = [step for step in hop.steps if step.verdict != "yes"]
    for step in decisive if failed or decisive else ():
        yield from _step(step, gap, look)
    if not failed:
        for step in hop.steps:
            if step.kind == "route" and step.verdict == "yes":
                yield from _lost(_before(step), gap, look)


def _way(hop: Hop) -> str:
    """Listener, table, virtual host, route, cluster and endpoint in a line."""
    route = f"route {hop.route.index}{' ' + hop.route.name if hop.route.name else ''}" if hop.route else ""
    ends = ", ".join(one.address for one in (hop.endpoints or ())[:2])
    more = f" + {len(hop.endpoints) - 2}" if hop.endpoints and len(hop.endpoints) > 2 else ""
    parts = (hop.listener, hop.route_config, hop.virtual_host, route, hop.cluster, ends + more)
    return " → ".join(part for part in parts if part)


def _step(step: Step, gap: str, look: Look) -> Iterator[str]:
    mark = look.styled(_GLYPHS[step.verdict], _COLOURS[step.verdict])
    text = f"{step.chosen}{'  ' if step.chosen and step.because else ''}{step.because}"
    first, *more = look.wrapped(text, len(gap) + _KIND + 2)
    yield f"{gap}{mark} {padded(step.kind, _KIND)}{first}"
    for line in more:
        yield f"{gap}  {' ' * _KIND}{line}"
    source = _source(step.owner, step.location)
    if source:
        yield look.styled(f"{gap}  {' ' * _KIND}{look.fitted(source, len(gap) + _KIND + 2)}", "2")
    if step.hint:
        yield look.styled(f"{gap}  {' ' * _KIND}{look.fitted(_hint(step.hint), len(gap) + _KIND + 2)}", "36")
    if step.verdict != "yes" or look.verbose:
        yield from _lost(step.rejected, gap, look)


def _before(step: Step) -> Sequence[Rejected]:
    """Of the routes that lost, those that were asked before: the later ones lost to the order alone."""
    return [one for one in step.rejected if "matched before" not in one.because]


def _lost(rejected: Sequence[Rejected], gap: str, look: Look) -> Iterator[str]:
    shown = rejected if look.verbose else rejected[:_MOST_LOST]
    for one in shown:
        yield from _dim("not", f"{one.name}: {one.because}", gap, look)
    if len(rejected) > len(shown):
        yield look.styled(f"{gap}  {' ' * _KIND}… and {len(rejected) - len(shown)} more (-v)", "2")


def _dim(word: str, text: str, gap: str, look: Look) -> Iterator[str]:
    """Lines that stand back behind the others."""
    for number, line in enumerate(look.wrapped(text, len(gap) + _KIND + 2)):
        yield look.styled(f"{gap}  {padded('' if number else word, _KIND)}{line}", "2")


def _source(owner: str | None, location: object) -> str:
    place = getattr(location, "place", None)
    if owner is None:
        return ""
    if place is None:
        return owner
    found = place()
    return f"{owner}   {found.document}:{found.line or 1}"


def _hint(hint: Hint) -> str:
    words = " or ".join(field.replace("_", "-") for field in hint.fields)
    return f"--{words} {hint.example}".rstrip()
