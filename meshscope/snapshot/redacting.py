"""A snapshot that may be posted: the same documents without secrets, each redacted when its body is asked for.

Keys, tokens, passwords, cookies, the data of Secrets, values of environment variables and annotations are replaced by
`[redacted]`; certificates and public key sets stay. A document that cannot be understood is a lost one: it is not posted with
its secrets.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.location import Document
from meshscope.snapshot.redaction.bodies import BodyRedaction, UnredactableError
from meshscope.snapshot.redaction.texts import redacted_text
from meshscope.snapshot.snapshot import Captured, Problem, Snapshot


class RedactedDocument(Document):
    """`flaws` and `failure` are those of the original, or say why it could not be redacted."""

    def __init__(self, document: Document, kind: str, bodies: BodyRedaction) -> None:
        super().__init__(document.name, self._read, skipped_lines=document.skipped_lines)
        self._origin = document
        self._kind = kind
        self._bodies = bodies

    def _read(self) -> bytes:
        origin = self._origin
        try:
            body = self._bodies.redacted(origin, self._kind)
            self.flaws = origin.flaws
            if origin.failure:
                raise OSError(redacted_text(origin.failure))
        except UnredactableError as error:
            raise OSError(f"could not be redacted: {redacted_text(str(error))}") from None
        finally:
            origin.forget()
        return body


def redacted(captured: Captured, bodies: BodyRedaction | None = None) -> Captured:
    """One document without its secrets. It is redacted when its body is asked for; then the original's body is let go.

    `bodies` are shared by the documents of a snapshot, which repeat the same resources.
    """
    document = captured.document
    new: Document = RedactedDocument(document, captured.kind, bodies or BodyRedaction())
    if document.failure:
        new = Document.lost(document.name, redacted_text(document.failure))
    return replace(captured, document=new, source=redacted_text(captured.source))


def redacted_snapshot(snapshot: Snapshot) -> Snapshot:
    """Every document of a snapshot without its secrets; so are names of sources and problems."""
    bodies = BodyRedaction()
    return Snapshot(
        captured=tuple(redacted(captured, bodies) for captured in snapshot.captured),
        problems=tuple(
            Problem(redacted_text(problem.document), redacted_text(problem.message)) for problem in snapshot.problems
        ),
        sources=tuple(map(redacted_text, snapshot.sources)),
        captured_at=snapshot.captured_at,
    )
