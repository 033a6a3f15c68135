"""The anonymised view: what was read, with every name and address replaced and all secrets gone, for pictures to share.

It is a picture of one moment: sources are not read again until the names are back.
"""

from __future__ import annotations

import secrets

from msgspec import Struct

from meshscope.anonymous.anonymising import anonymise
from meshscope.collect.rereading import Reading
from meshscope.mesh.labelling import labelled
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Snapshot
from meshscope.tui.session import Opener
from meshscope.work import Work

KEY_BYTES = 32


class AnonymousOpener(Struct, frozen=True):
    """Opens what an opener has read already, anonymised; the names are new each time."""

    opener: Opener
    readings: tuple[Reading, ...]

    def read(self, source: str, _work: Work) -> Reading:
        return next(reading for reading in self.readings if reading.source == source)

    def read_again(self, before: Reading, _work: Work, *, whole: bool) -> Reading:  # noqa: ARG002  # an Opener's signature
        return before

    def link(self, snapshot: Snapshot, work: Work) -> Mesh:
        """Raises MeshscopeError."""
        return self.opener.link(anonymise(labelled(snapshot), secrets.token_bytes(KEY_BYTES)).snapshot, work)
