"""The line in which a request is typed, completed by what the mesh has."""

from __future__ import annotations

from asyncio import to_thread

from textual.suggester import Suggester

from meshscope.tui.session import Session
from meshscope.tui.tracing.request_line import completed, known_words
from meshscope.tui.widgets.typed_line import TypedLine


class RequestInput(TypedLine):
    def __init__(self, session: Session, words: str, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(
            words,
            placeholder="SOURCE DEST, as: productpage http://reviews:9080/ -H 'end-user: jason'",
            suggester=_Known(session),
            id=id,
            does="to the answer",
        )

    def on_unmount(self) -> None:
        self.suggester = None

    def know(self, session: Session) -> None:
        """Completes by another session."""
        self.suggester = _Known(session)


class _Known(Suggester):
    """Sources, services and options, of which the last word may be the beginning."""

    def __init__(self, session: Session) -> None:
        super().__init__(case_sensitive=True)
        self._session = session
        self._words: tuple[str, ...] = ()

    async def get_suggestion(self, value: str) -> str | None:
        if not self._words:
            mesh = self._session.mesh  # whose route tables are read for it, beside the loop
            self._words = await to_thread(mesh.derived, "request words", lambda: known_words(mesh))
        return completed(value, self._words)
