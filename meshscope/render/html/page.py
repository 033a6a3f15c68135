"""The page: a head that allows nothing from outside, the mesh at a glance, traces, scopes. It is complete in itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files

from msgspec import Struct

from meshscope.listing.glyphs import ERROR
from meshscope.listing.home import HomeView
from meshscope.render.html.markup import BREAK, SPACE, Markup, element, joined
from meshscope.render.html.outline import line_markup
from meshscope.render.html.overview import fault_counts, overview_markup
from meshscope.render.html.scope import DrawnScope, scope_markup
from meshscope.render.trace.line import Line
from meshscope.version import __version__

MOST_LINES = 400
"""Lines of a trace."""


class TraceOutline(Struct, frozen=True):
    """A trace in short, and its way with every step; or `error`, why a request could not be followed."""

    short: tuple[Line, ...] = ()
    every_step: tuple[Line, ...] = ()
    error: str = ""


class Report(Struct, frozen=True):
    """`title` are the sources in a few words, `captured_at` the moment in UTC or "". The notes say what was left out."""

    title: str
    captured_at: str
    home: HomeView
    traces: tuple[TraceOutline, ...] = ()
    scopes: tuple[DrawnScope, ...] = ()
    traces_note: str = ""
    scopes_note: str = ""


def page(report: Report) -> Iterator[str]:
    """The document in pieces."""
    style, script = (_own(f"page.{kind}") for kind in ("css", "js"))
    own = f"style-src {_digest(style)}; script-src {_digest(script)}"
    policy = f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n'
    yield element("meta", charset="utf-8") + "\n"
    yield element("meta", http_equiv="Content-Security-Policy", content=policy) + "\n"
    yield element("meta", name="viewport", content="width=device-width, initial-scale=1") + "\n"
    yield element("meta", name="color-scheme", content="light dark") + "\n"
    yield element("title", f"meshscope report · {report.title}") + "\n"
    yield f"<style>{style}</style>\n</head>\n<body>\n"
    yield _header(report) + "\n<main>\n"
    yield from _section("overview", "Overview", overview_markup(report.home))
    if report.traces:
        yield from _section("traces", "Traces", _traces(report))
    yield from _section("scopes", "Scope", _scopes(report))
    yield "</main>\n"
    yield (
        element("footer", f"meshscope {__version__} · the page is complete: it loads nothing and sends nothing") + "\n"
    )
    yield f"<script>{script}</script>\n</body>\n</html>\n"


def _own(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _header(report: Report) -> Markup:
    captured = f"captured {report.captured_at}" if report.captured_at else "captured at an unknown time"
    title = element("h1", element("b", "meshscope"), " ", element("span", report.title))
    links = [("overview", "Overview")]
    links += [("traces", f"Traces {len(report.traces):,}")] if report.traces else []
    links += [("scopes", f"Scope {len(report.scopes):,}")]
    nav = element("nav", joined((element("a", words, href=f"#{where}") for where, words in links), SPACE))
    about = element("p", captured, " ", fault_counts(report.home), class_="about")
    return element("header", joined((title, about, nav), BREAK))


def _section(name: str, title: str, parts: Iterator[Markup]) -> Iterator[str]:
    yield f'<section id="{name}">\n{element("h2", title)}\n'
    for part in parts:
        yield part + "\n"
    yield "</section>\n"


def _traces(report: Report) -> Iterator[Markup]:
    if report.traces_note:
        yield element("p", report.traces_note, class_="note")
    for number, trace in enumerate(report.traces, 1):
        yield element("article", joined(_trace(trace), BREAK), class_="trace", id=f"trace-{number}")


def _trace(trace: TraceOutline) -> Iterator[Markup]:
    if trace.error:
        yield element("p", element("span", ERROR, class_="failed"), " ", trace.error)
        return
    yield line_markup(trace.short[0], tag="h3")
    yield from _lines(trace.short[1:])
    if trace.every_step:
        steps = _lines(trace.every_step)
        yield element("details", joined((element("summary", "every step"), *steps), BREAK), class_="steps")


def _lines(lines: Sequence[Line]) -> Iterator[Markup]:
    yield from map(line_markup, lines[:MOST_LINES])
    if (more := len(lines) - MOST_LINES) > 0:
        yield element("p", f"… {more:,} more lines; meshscope trace -w shows them", class_="note")


def _scopes(report: Report) -> Iterator[Markup]:
    if report.scopes_note:
        yield element("p", report.scopes_note, class_="note")
    if not report.scopes:
        yield element("p", "no proxy whose configuration was captured")
    for number, scope in enumerate(report.scopes, 1):
        yield scope_markup(scope, number, is_open=number == 1)
