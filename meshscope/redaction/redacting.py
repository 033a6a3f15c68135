"""A snapshot that may be posted: the same documents, each redacted when its body is asked for.

What is known to be configuration is kept; every other text is replaced, by `[redacted]` or, where something may be compared
with it, by a stand-in, so that a trace stays the same. docs/redaction.md says what is what. A document that cannot be
understood is a lost one: it is not posted with its secrets.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.location import Document
from meshscope.redaction.bodies import BodyRedaction, UnredactableError
from meshscope.redaction.pieces import pieces_of
from meshscope.redaction.replaced_counts import ReplacedCounts
from meshscope.redaction.stand_ins import StandIns
from meshscope.redaction.texts import redacted_text
from meshscope.redaction.values import Values
from meshscope.snapshot.snapshot import Captured, Problem, Snapshot


class RedactedSnapshot(Struct, frozen=True, eq=False):
    """The new snapshot, and `values`, by which a request's become those that its matchers compare with."""

    snapshot: Snapshot
    values: Values


class RedactedDocument(Document):
    """`flaws` and `failure` are those of the original, or say why it could not be redacted."""

    def __init__(self, captured: Captured, bodies: BodyRedaction, counts: ReplacedCounts) -> None:
        document = captured.document
        super().__init__(document.name, self._read, skipped_lines=document.skipped_lines)
        self._captured = captured
        self._bodies = bodies
        self._counts = counts

    def _read(self) -> bytes:
        origin = self._captured.document
        try:
            body = self._bodies.redacted(self._captured, self._counts.document(origin.name))
            self.flaws = origin.flaws
            if origin.failure:
                raise OSError(redacted_text(origin.failure))
        except UnredactableError as error:
            raise OSError(f"could not be redacted: {redacted_text(str(error))}") from None
        finally:
            origin.forget()
        return body


def redact(snapshot: Snapshot, keep: tuple[str, ...] = (), key: bytes = b"") -> RedactedSnapshot:
    """Every document of a snapshot redacted; names of sources and problems lose secrets of a known form.

    `keep` are patterns (`x-tenant-*`) of the names whose values are let through: headers, query parameters, variables,
    annotations, fields. `key` decides the stand-ins; without one they are others each time.
    """
    values = Values(StandIns(key or secrets.token_bytes(32), lambda: pieces_of(_bodies(snapshot))), keep)
    bodies, counts = BodyRedaction(values), ReplacedCounts()
    new = Snapshot(
        captured=tuple(_redacted(captured, bodies, counts) for captured in snapshot.captured),
        problems=tuple(
            Problem(redacted_text(problem.document), redacted_text(problem.message)) for problem in snapshot.problems
        ),
        sources=tuple(map(redacted_text, snapshot.sources)),
        captured_at=snapshot.captured_at,
        replaced=counts,
    )
    return RedactedSnapshot(new, values)


def redacted_snapshot(snapshot: Snapshot, keep: tuple[str, ...] = ()) -> Snapshot:
    return redact(snapshot, keep).snapshot


def _redacted(captured: Captured, bodies: BodyRedaction, counts: ReplacedCounts) -> Captured:
    document = captured.document
    new: Document = RedactedDocument(captured, bodies, counts)
    if document.failure:
        new = Document.lost(document.name, redacted_text(document.failure))
    return replace(captured, document=new, source=redacted_text(captured.source))


def _bodies(snapshot: Snapshot) -> Iterator[bytes]:
    for captured in snapshot.captured:
        yield captured.document.transient_body()
