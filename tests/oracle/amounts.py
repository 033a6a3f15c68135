"""How many random configurations: few and always the same in CI, any number of new ones on demand.

MESHSCOPE_EXAMPLES=5000 pytest -m oracle
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

ASKED = os.environ.get("MESHSCOPE_EXAMPLES")
CALLS = 10


def configurations(number: int) -> settings:
    """`number` of them, each asked up to CALLS times."""
    return settings(
        max_examples=int(ASKED) if ASKED else number,
        derandomize=not ASKED,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
