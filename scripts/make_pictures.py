"""Make the pictures of the browser's screens, by its own keys on the bundled recording.

uv run python scripts/make_pictures.py            writes docs/pictures/ and tests/tui/pictures/ (two sizes of each screen)
uv run python scripts/make_pictures.py --check    exits with 1 if the browser shows something else, and names the pictures
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from meshscope.cli.ui import Opening
from meshscope.collect.live import Live

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from meshscope.tui.app import Browser

ROOT = Path(__file__).resolve().parent.parent
BOOKINFO = "recordings/bookinfo"
GATEWAYS = "tests/data/effect/gateways.tar.gz"
"""Has a rule that is not in effect."""
CANARY = ("j", "j", "3", "G", "k", "k", "k", "k")
"""From the start to the route of the bundled recording that sends 90 % to v1 and 10 % to v3."""
SCREENS: dict[str, tuple[str, ...]] = {
    "home": (),
    "table": CANARY,
    "object": (*CANARY, "enter"),
    "scope": ("j", "j", "v"),
    "trace": (*CANARY, "t"),
    "search": ("f", *"jason"),
}
"""Names of screens -> the keys that lead there from Home, by Textual's names."""
OF_GATEWAYS: dict[str, tuple[str, ...]] = {
    "effect": ("colon", *"effect", "space", *"vs", "slash", *"api", "enter"),
    "effects": ("colon", *"effect", "enter"),
}
"""The same of the other recording."""
FOR_READERS = {
    "home": ((), (110, 24)),
    "scope": (("j", "j", "v", "j", "j", "space"), (150, 24)),
    "trace": (SCREENS["trace"], (110, 30)),
}
"""Names -> keys and sizes of the pictures in the README."""
_QUIET = 0.5
"""Seconds."""
_AT_ONCE = 4
"""A browser mostly waits until its screen is quiet."""


class Picture(Struct, frozen=True):
    """`size` is in cells."""

    file: Path
    keys: tuple[str, ...]
    size: tuple[int, int]
    source: str = BOOKINFO

    def svg(self) -> str:
        """The screen after its keys, in true colours whatever the terminal is."""
        os.environ.pop("NO_COLOR", None)
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.chdir(ROOT)  # so that documents have the same names everywhere
        return asyncio.run(self._svg())

    async def _svg(self) -> str:
        from textual.widgets import Input  # Textual reads the environment when it is imported

        from meshscope.tui.app import Browser

        app = Browser(Opening(Live(), ""), (self.source,))
        async with app.run_test(size=self.size) as pilot:
            await _settle(app, pilot)
            for key in self.keys:
                await pilot.press(key)
                await _settle(app, pilot)
            for box in app.screen.query(Input):
                box.cursor_blink = False
            return await _quiet(app, pilot) + "\n"


def pictures() -> tuple[Picture, ...]:
    tested = ROOT / "tests" / "tui" / "pictures"
    return (
        *(Picture(ROOT / "docs" / "pictures" / f"{name}.svg", *made) for name, made in FOR_READERS.items()),
        *(Picture(tested / f"{name}-80x24.svg", keys, (80, 24)) for name, keys in SCREENS.items()),
        *(Picture(tested / f"{name}-160x48.svg", keys, (160, 48)) for name, keys in SCREENS.items()),
        *(Picture(tested / f"{name}-80x24.svg", keys, (80, 24), GATEWAYS) for name, keys in OF_GATEWAYS.items()),
        *(Picture(tested / f"{name}-160x48.svg", keys, (160, 48), GATEWAYS) for name, keys in OF_GATEWAYS.items()),
    )


async def _quiet(app: Browser, pilot: Pilot[Any]) -> str:
    """The screen as soon as it has stayed the same for a while: what was typed is answered after a pause."""
    before, now = "", app.export_screenshot(title="meshscope", simplify=True)
    while now != before:
        await pilot.pause(_QUIET)
        await _settle(app, pilot)
        before, now = now, app.export_screenshot(title="meshscope", simplify=True)
    return now


async def _settle(app: Browser, pilot: Pilot[Any]) -> None:
    """Until workers and what they started are done."""
    from textual.worker import WorkerCancelled

    for _ in range(2):
        await pilot.pause()
        for worker in list(app.workers):
            with suppress(WorkerCancelled):  # a newer one took its place
                await worker.wait()
    await pilot.pause()


def main() -> int:
    different = []
    with ProcessPoolExecutor(_AT_ONCE) as pool:
        for picture, text in zip(pictures(), pool.map(Picture.svg, pictures()), strict=True):
            if "--check" not in sys.argv:
                picture.file.parent.mkdir(exist_ok=True)
                picture.file.write_text(text)
            elif not picture.file.is_file() or picture.file.read_text() != text:
                different.append(str(picture.file.relative_to(ROOT)))
    sys.stdout.writelines(f"{name} is not what the browser shows\n" for name in different)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
