"""How the codec and the connection manager refuse a request: an answer of their own, before any route is asked."""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.outcome import Outcome, StageContext
from meshscope.simulation.trace import Response, Step, StepKind
from meshscope.simulation.verdict import Truth


class Refusal(Struct, frozen=True):
    """`because` names what would have to change."""

    end: End
    because: str

    def outcome(self, kind: StepKind, stage: StageContext) -> Outcome[HttpRequest]:
        step = Step(kind=kind, verdict=Truth.NO, because=self.because, location=stage.location)
        return Outcome(self.end, steps=(step,) if stage.explain else ())


def by_codec(code: int, details: str, because: str, flags: str = "DPE") -> Refusal:
    """`code` 0 is a stream that is reset without an answer. A codec does not know gRPC."""
    return Refusal(End(Disposition.PROTOCOL_ERROR, Response(code=code, flags=flags, details=details)), because)


def by_manager(request: HttpRequest, code: int, details: str, because: str, flags: str = "-") -> Refusal:
    return Refusal(End(Disposition.PROTOCOL_ERROR, local_reply(request, code, details, flags)), because)
