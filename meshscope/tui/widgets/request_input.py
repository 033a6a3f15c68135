"""The line in which a request is typed, completed by what the mesh has."""

from __future__ import annotations

from textual.suggester import Suggester

from meshscope.tui.session import Session
from meshscope.tui.tracing.request_line import completed, known_words
from meshscope.tui.widgets.typed_line import TypedLine


class RequestInput(TypedLine):
    def __init__(self, session: Session, words: str, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        self._known = _Known(session)
        super().__init__(
            words,
            placeholder="SOURCE DEST, as: productpage http://reviews:9080/ -H 'end-user: jason'",
            suggester=self._known,
            id=id,
            does="to the answer",
        )

    def on_mount(self) -> None:
        self._learn()

    def on_unmount(self) -> None:
        self.suggester = None

    def know(self, session: Session) -> None:
        """Completes by another session."""
        self.suggester = self._known = _Known(session)
        self._learn()

    def _learn(self) -> None:
        """Route tables are read for it, which takes longer than a key may wait."""
        self.run_worker(self._known.learn, group="words", exclusive=True, thread=True, exit_on_error=False)


class _Known(Suggester):
    """Sources, URLs, headers and options, of which the last word may be the beginning; none until they are learned."""

    def __init__(self, session: Session) -> None:
        super().__init__(case_sensitive=True, use_cache=False)
        self._session = session
        self._words: tuple[str, ...] = ()

    def learn(self) -> None:
        mesh = self._session.mesh
        self._words = mesh.derived("request words", lambda: known_words(mesh))

    async def get_suggestion(self, value: str) -> str | None:
        return completed(value, self._words)
