"""An answer as a picture: the lines of a terminal as SVG, for a report or a chat."""

from __future__ import annotations

import io
from collections.abc import Iterable

_FORMAT = """\
<svg class="meshscope" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
    <style>
    .{unique_id}-matrix {{
        font-family: Fira Code, Menlo, Consolas, monospace;
        font-size: {char_height}px;
        line-height: {line_height}px;
    }}
    .{unique_id}-title {{
        font-size: 18px;
        font-weight: bold;
        font-family: sans-serif;
    }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
"""
"""rich's own frame loads a font from a web server; opening a picture of a mesh must not."""


def svg(lines: Iterable[str], title: str) -> str:
    """Lines with the escapes of `painting` as an SVG document, as wide as the widest of them.

    https://rich.readthedocs.io/en/stable/console.html#exporting
    """
    from rich.console import Console  # takes 80 ms, so for pictures only
    from rich.text import Text

    texts = [Text.from_ansi(line) for line in lines]
    width = max((text.cell_len for text in texts), default=0)
    console = Console(record=True, file=io.StringIO(), width=max(width, len(title), 1), force_terminal=True)
    for text in texts:
        console.print(text, no_wrap=True, crop=False)
    return console.export_svg(title=title, code_format=_FORMAT, unique_id="meshscope")
