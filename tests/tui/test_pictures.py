"""Each screen as a picture, at 80×24 and 160×48, and those of the README."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_pictures_are_what_the_browser_shows() -> None:
    script = ROOT / "scripts" / "make_pictures.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, (
        f"{done.stdout}{done.stderr}look at what is new with git diff after scripts/make_pictures.py"
    )
