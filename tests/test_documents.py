"""What is generated is up to date, and what the README promises is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from meshscope import __version__

NO_CLUSTER = os.environ | {"KUBECONFIG": os.devnull}
ROOT = Path(__file__).parent.parent


def test_the_json_schemas_are_those_of_the_types() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "make_schema.py", "--check"], check=False, cwd=ROOT)
    assert done.returncode == 0, "run scripts/make_schema.py"


def test_every_room_has_its_line_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {path.stem if path.is_file() else path.name for path in (ROOT / "meshscope").iterdir()} - {
        "__init__",
        "__main__",
        "__pycache__",
        "py",
    }
    assert {room for room in rooms if not re.search(rf"`{room}(/|\.py)`", text)} == set()


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_recording_tells_its_origin() -> None:
    recordings = [path.parent for path in (ROOT / "recordings").glob("*/meshscope.json")]
    assert len(recordings) >= 3
    assert [path.name for path in recordings if not path.with_suffix(".md").is_file()] == []


def test_the_trace_in_the_readme_is_what_the_program_answers() -> None:
    text = (ROOT / "README.md").read_text()
    shown = text.partition("$ meshscope trace productpage reviews\n")[2].partition("```")[0]
    words = [sys.executable, "-m", "meshscope", "trace", "productpage", "reviews"]
    done = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True, env=NO_CLUSTER)
    assert shown
    assert done.stdout == shown


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__
