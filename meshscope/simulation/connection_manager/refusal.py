"""Refusals of the codec and the connection manager: their own answers, before a route is chosen."""

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
    """`because` names the fault in the request and the setting that forbids it."""

    end: End
    because: str

    def outcome(self, kind: StepKind, stage: StageContext) -> Outcome[HttpRequest]:
        step = Step(kind=kind, verdict=Truth.NO, because=self.because, location=stage.location)
        return Outcome(self.end, steps=(step,) if stage.explain else ())


def codec_refusal(code: int, details: str, because: str, flags: str = "DPE") -> Refusal:
    """`code` 0: the stream is reset without an answer. A codec answers gRPC like any other request."""
    return Refusal(End(Disposition.PROTOCOL_ERROR, Response(code=code, flags=flags, details=details)), because)


def manager_refusal(request: HttpRequest, code: int, details: str, because: str, flags: str = "-") -> Refusal:
    return Refusal(End(Disposition.PROTOCOL_ERROR, local_reply(request, code, details, flags)), because)
