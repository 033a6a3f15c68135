"""Where the recorded meshes are."""

from __future__ import annotations

from pathlib import Path

RECORDINGS = Path(__file__).parent.parent / "recordings"
BOOKINFO, BOOKINFO_V2, WEBSITE = (RECORDINGS / name for name in ("bookinfo", "bookinfo-v2", "website"))
