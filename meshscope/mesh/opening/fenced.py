"""Documents in the fenced code blocks of a Markdown text, as dumps are pasted into issues.

https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.location import Document
from meshscope.mesh.account import MARKDOWN
from meshscope.snapshot.cleaning import clean
from meshscope.snapshot.json_text import FENCE_AT_THE_MARGIN
from meshscope.snapshot.snapshot import Captured

_FENCE = re.compile(rb"(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[^`\n]*")
_PROMPT = re.compile(rb"[ \t]*[$%][ \t]")


def is_fenced(captured: Captured) -> bool:
    """Whether a text that its user named has code blocks. A README of a folder was not meant to be read."""
    document = captured.document
    if captured.kind:
        return captured.kind == MARKDOWN
    return document.name == captured.source and not document.is_json and bool(FENCE_AT_THE_MARGIN.search(document.body))


def blocks(captured: Captured) -> Iterator[Captured]:
    """Each block as a document of its own, whose lines are those of the text. The last one may be open."""
    document = captured.document
    lines = document.body.split(b"\n")
    start, indent, fence = -1, b"", b""
    for number, line in enumerate([*lines, b"\0"]):
        found = _FENCE.fullmatch(line.rstrip())
        if start < 0:
            if found:
                start, indent, fence = number + 1, found["indent"], found["fence"]
        elif number == len(lines) or (found and _closes(line.strip(b" \t>\r"), fence)):
            yield _block(captured, lines[start:number], indent, start)
            start = -1


def _closes(line: bytes, fence: bytes) -> bool:
    return len(line) >= len(fence) and not line.strip(fence[:1])


def _block(captured: Captured, lines: list[bytes], indent: bytes, start: int) -> Captured:
    """A block without its indentation (or quotation marks), a command at its prompt, and what tools print before an answer."""
    kept = [line.removeprefix(indent) if indent else line for line in lines]
    skipped = next((at for at, line in enumerate(kept) if line.strip() and not _PROMPT.match(line)), len(kept))
    text = b"\n".join(kept[skipped:])
    body = clean(text)
    skipped += text.count(b"\n") - body.count(b"\n")
    outer = captured.document
    document = Document.of(outer.name, body, skipped_lines=outer.skipped_lines + start + skipped)
    return replace(captured, document=document, kind="")
