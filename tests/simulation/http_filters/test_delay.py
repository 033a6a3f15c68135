from __future__ import annotations

import pytest

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.delay import METADATA, after_delay, with_delay_flag
from meshscope.simulation.trace import Response

from ..reading import asking

HELD = asking(metadata={METADATA: {"delay": "1s"}})


@pytest.mark.parametrize(
    ("flags", "with_delay"),
    [
        ("-", "DI"),
        ("FI", "DI,FI"),
        ("NR", "DI,NR"),
        ("UH", "DI,UH"),
        ("NC", "DI,NC"),
        ("UAEX", "DI,UAEX"),
        ("DI", "DI"),
    ],
)
def test_the_delay_flag_precedes_later_flags(flags: str, with_delay: str) -> None:
    response = Response(code=403, flags=flags)
    assert with_delay_flag(response, HELD) == Response(code=403, flags=with_delay)
    assert with_delay_flag(response, asking()) == response
    assert after_delay(End(Disposition.DENIED, response), HELD) == End(
        Disposition.DENIED, Response(code=403, flags=with_delay)
    )
