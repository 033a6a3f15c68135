from __future__ import annotations

import json

import msgspec
import pytest

from meshscope.errors import ExitCode
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.batch import Refusal, answer
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.trace import Trace
from meshscope.snapshot.reading import DEMO, open_snapshot

SIMULATOR = Simulator(Mesh(open_snapshot(DEMO)))


def test_a_line_is_a_request_and_its_nulls_are_not_given() -> None:
    found = answer(SIMULATOR, b'{"id": 7, "source": "productpage", "dest": "ratings", "to": null}', 1)
    assert isinstance(found, Trace)
    assert (found.id, found.is_well) == (7, True)


@pytest.mark.parametrize(
    ("line", "ident", "message"),
    [
        (b"{", None, "line 3: Input data was truncated"),
        (b"[]", None, "line 3: a request is a JSON object"),
        (b'"\xff"', None, "line 3: "),
        (b'{"id": 1, "headers": 5}', 1, "line 3: Expected `array`"),
        (b'{"id": 1, "sourc": "productpage", "dest": "ratings"}', 1, "line 3: no field 'sourc'; did you mean source"),
        (b'{"id": 1, "source": "productpage", "dest": "ratigns"}', 1, "line 3: no service or host 'ratigns' in this"),
        (b'{"id": 1, "dest": "ftp://ratings"}', 1, "line 3: no scheme 'ftp'; did you mean"),
        (b'{"id": 1, "dest": "ratings", "protocol": "x"}', 1, "line 3: protocol: no protocol 'x'"),
        (b'{"id": 1, "source": "nobody", "dest": "ratings"}', 1, "line 3: no proxy, pod or service 'nobody'"),
        (b'{"id": 1, "source": "productpage", "to": "x"}', 1, "line 3: to: 'x' is not IP[:PORT]"),
        (
            b'{"id": 1, "source": "productpage"}',
            1,
            "line 3: no destination: name one, or give its address (to IP:PORT)",
        ),
    ],
)
def test_a_line_that_cannot_be_followed_is_answered_with_its_error(line: bytes, ident: object, message: str) -> None:
    found = answer(SIMULATOR, line, 3)
    assert isinstance(found, Refusal)
    assert not found.is_well
    assert (found.id, found.error.code) == (ident, ExitCode.USAGE)
    assert found.error.message.startswith(message)
    assert list(json.loads(msgspec.json.encode(found))) == ["version", "id", "error"]
