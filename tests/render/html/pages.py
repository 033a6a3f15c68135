"""A page read back by Python's own parser of HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser

from meshscope.mesh.mesh import Mesh
from meshscope.render.html.page import page
from meshscope.render.html.report import NONE, Followed, report_of

_EMPTY = ("meta", "rect")


class Read(HTMLParser):
    """`texts` are those of elements, each with the elements that it is in; `attributes` all of them, by element and name."""

    def __init__(self, pieces: Iterable[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.elements: list[str] = []
        self._open: list[str] = []
        self._text = ""
        for piece in pieces:
            self.feed(piece)
        self.close()
        assert self._open == []

    def _end_text(self) -> None:
        if self._text and (self._open or self._text.strip()):
            self.texts.append((tuple(self._open), self._text))
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_text()
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _EMPTY
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def of(self, tag: str) -> list[str]:
        """The texts right in elements of a kind."""
        return [text for path, text in self.texts if path and path[-1] == tag]


def page_of(mesh: Mesh, followed: Followed = NONE, proxies: tuple[str, ...] = ()) -> str:
    return "".join(page(report_of(mesh, followed=followed, proxies=proxies)))
