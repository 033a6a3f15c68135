"""JSON and YAML in colour, for a terminal: keys, and the values that are no text. No letter is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from meshscope.render.painting import CYAN, MAGENTA, painted

Highlight = Callable[[str], str]

MOST_CHARACTERS = 300_000
"""Characters of a stream that are painted, which takes a third of a second; the rest is left plain."""
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def highlighter(language: str) -> Highlight:
    """Paints a piece of `json`, `jsonl` or `yaml` that is cut at the end of a value."""
    # 40 ms, so for terminals only
    from pygments.lexers.data import JsonLexer, YamlLexer  # type: ignore[import-untyped]  # it has no types of its own
    from pygments.token import Name, String  # type: ignore[import-untyped]  # nor has this

    lexer = (YamlLexer if language == "yaml" else JsonLexer)(stripnl=False, ensurenl=False)

    def highlight(text: str) -> str:
        pieces = []
        for kind, value in lexer.get_tokens(text):
            if kind in Name.Tag:
                pieces.append(painted(value, CYAN, colour=True))
            elif kind not in String and _LITERAL.fullmatch(value):
                pieces.append(painted(value, MAGENTA, colour=True))
            else:
                pieces.append(value)
        return "".join(pieces)

    return highlight


def highlighted(pieces: Iterable[str], language: str) -> Iterator[str]:
    """A streamed answer in colour; after MOST_CHARACTERS its pieces are left plain."""
    highlight = highlighter(language)
    room = MOST_CHARACTERS
    for piece in pieces:
        room -= len(piece)
        yield highlight(piece) if room > 0 else piece
