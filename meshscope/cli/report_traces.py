"""The requests of a report: `--trace` as the words of `meshscope trace`, `--requests` as its lines of JSON."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

import click
from msgspec import Struct

from meshscope.cli.options.request import hint_text, in_options, request_options
from meshscope.cli.request_lines import lines_of
from meshscope.cli.sharing import Sharing
from meshscope.errors import MeshscopeError, UsageError
from meshscope.mesh.bodies import collector_paused
from meshscope.render.html.page import TraceOutline
from meshscope.render.html.report import Followed
from meshscope.render.trace.outline import outline
from meshscope.render.trace.spelling import Spelling
from meshscope.simulation.journey.batch import Refusal, answer
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.journey.words import Words, request_of
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace

MOST_TRACES = 100
"""Of more requests the first ones are followed."""
_SPELLING = Spelling(hint_text, "every step, below,", "meshscope trace --max-paths")


class Asked(Struct, frozen=True):
    """`typed` are requests with their text, `lines` those of a file; `more`: there were more than are followed."""

    typed: tuple[tuple[str, Request], ...]
    lines: tuple[bytes, ...]
    more: bool

    @property
    def note(self) -> str:
        return f"the first {MOST_TRACES} requests; meshscope trace --requests follows all" if self.more else ""


def asked(texts: Iterable[str], file: str | None, sharing: Sharing) -> Asked:
    """Raises UsageError for words that are no request or hold a secret, and for a file that cannot be read."""
    typed = tuple((text, _request(text, sharing)) for text in texts)
    room = max(0, MOST_TRACES - len(typed))
    lines = tuple(islice(lines_of(file), room + 1)) if file else ()
    return Asked(typed[:MOST_TRACES], lines[:room], more=len(lines) > room or len(typed) > MOST_TRACES)


@click.command("--trace", add_help_option=False)
@request_options
def _words(*, words: Words) -> Words:
    return words


def _request(text: str, sharing: Sharing) -> Request:
    try:
        words: Words = _words.main(shlex.split(text), "--trace", standalone_mode=False)
        request = request_of(words)
        sharing.refuse(request)
    except click.ClickException as error:
        raise UsageError(f"--trace {text!r}: {error.format_message()}") from None
    except ValueError as error:
        raise UsageError(f"--trace {text!r}: {error}") from None
    except FieldError as error:
        raise UsageError(f"--trace {text!r}: {in_options(error)}") from None
    except UsageError as error:
        raise UsageError(f"--trace {text!r}: {error}") from None
    return request


def followed(asked: Asked, simulator: Simulator, change: Callable[[Request], Request]) -> Followed:
    """`change` gives the request that is followed instead. The error of a line is shown in its place.

    Raises UsageError for a typed request that names something that does not exist.
    """
    with collector_paused():
        typed = [_followed(simulator, text, partial(change, request)) for text, request in asked.typed]
        lines = [answer(simulator, line, number, change=change) for number, line in enumerate(asked.lines, 1)]
    found = (*typed, *lines)
    return Followed(tuple(one for one in found if isinstance(one, Trace)), tuple(map(_outline, found)), asked.note)


def _followed(simulator: Simulator, text: str, request: Callable[[], Request]) -> Trace:
    try:
        return simulator.trace(request())
    except FieldError as error:
        raise UsageError(f"--trace {text!r}: {in_options(error)}") from None
    except MeshscopeError as error:
        raise UsageError(f"--trace {text!r}: {error}") from None


def _outline(found: Trace | Refusal) -> TraceOutline:
    if isinstance(found, Refusal):
        return TraceOutline(error=found.error.message)
    steps = outline(found, all_steps=True, spelling=_SPELLING)
    way = next((at for at, line in enumerate(steps) if line.key[0] == "hop"), 0)
    return TraceOutline(outline(found, spelling=_SPELLING), steps[way:])
