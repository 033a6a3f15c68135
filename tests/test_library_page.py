"""The programs in docs/library.md run as they are written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .collect.replayed import envoy
from .collect.server import Server

PAGE = Path(__file__).parents[1] / "docs" / "library.md"


def test_every_program_of_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the bundled recording for the files, and a server of the tests for the live sources."""
    monkeypatch.chdir(tmp_path)
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(programs) == 5
    names: dict[str, Any] = {}
    with Server(envoy("a-1")) as server:
        for program in programs:
            runnable = program.replace('"bug-report.tar.gz", "manifests/"', '"demo"').replace(
                "bug-report.tar.gz", "demo"
            )
            runnable = runnable.replace('"http://127.0.0.1:15000", "east=k8s:prod/shop"', f'"{server.url}"')
            exec(runnable, names)  # noqa: S102  # the page's own
    out = capsys.readouterr().out
    assert "1.0 delivered ['outbound|9080|v2|reviews.default.svc.cluster.local', 'inbound|9080||']" in out
    assert (tmp_path / "out.tar.gz").is_file()
