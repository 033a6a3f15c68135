"""A long dump section by section, where one scan would hold up somebody who waits for a key.

A scan keeps the interpreter to itself until it is done (https://docs.python.org/3/glossary.html#term-global-interpreter-lock):
77 MB take it 50 ms. Envoy and istiod write the type of a section first, so that its start is found without a scan. The sections
prove the guess: where each is a whole object, with nothing but commas between them, a scan of all would have found the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from threading import current_thread, main_thread
from typing import Any

from meshscope.envoy.dump_builder import FAILURES
from meshscope.envoy.sections import LONG, Spelling

_START = re.compile(rb'\s*\{\s*"configs"\s*:\s*\[\s*\Z')
_TYPE = b"type.googleapis.com/envoy.admin.v"
_BEFORE_TYPE = re.compile(rb'\{\s*"@type"\s*:\s*"\Z')
_BETWEEN = re.compile(rb",\s*\Z")
_END = re.compile(rb"\]\s*\}\s*\Z")
_NEAR = 200
"""So many bytes may stand between a section and the next word that belongs to it."""


def is_awaited() -> bool:
    """Whether to read in pieces: the main thread is free, and is the one that answers keys."""
    return current_thread() is not main_thread()


def sections_one_by_one(decoders: Spelling, body: bytes) -> list[Any] | None:
    """What `decoders.dump` reads of a whole dump; None for a text that is not divided so."""
    starts = list(_starts(body))
    if not starts or not _START.match(body, 0, starts[0]):
        return None
    ends = [_BETWEEN.search(body, max(start, after - _NEAR), after) for start, after in pairwise(starts)]
    ends.append(_END.search(body, max(starts[-1], len(body) - _NEAR)))
    view, sections = memoryview(body), []
    for start, end in zip(starts, ends, strict=True):
        if end is None:
            return None
        try:
            sections.append(decoders.section.decode(view[start : end.start()]))
        except FAILURES:
            return None
    return sections


def _starts(body: bytes) -> Iterator[int]:
    """Where sections start, if each of them is what it seems. The search, too, lets others have their turn."""
    for window in range(0, len(body), LONG):
        at = window
        while (at := body.find(_TYPE, at, window + LONG + len(_TYPE) - 1)) >= 0:
            if found := _BEFORE_TYPE.search(body, max(0, at - _NEAR), at):
                yield found.start()
            at += 1
