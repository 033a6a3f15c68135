"""Any keys on any input: the browser goes on, and its lines keep their width.

CI presses a few hundred keys; `MESHSCOPE_EXAMPLES=500 pytest -m fuzz tests/tui` any number.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope.errors import MeshscopeError
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured, Snapshot

from ..mesh.meshes import RECORDINGS, recorded
from .driving import Driven, drive
from .sick import hostile, sick

WALKS = int(os.environ.get("MESHSCOPE_EXAMPLES", "1"))
KEYS_A_WALK = 40
KEYS = [
    *"jkhlgGswcCF12345678xyzi0r",
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "ctrl+d", "ctrl+u"),
    *("slash", "equals_sign", "exclamation_mark", "plus", "minus", "dollar_sign", "space", "backspace", "colon", "tab"),
    *(
        "enter",
        "enter",
        "enter",
        "escape",
        "escape",
        "escape",
        "ctrl+f",
        "question_mark",
        "quotation_mark",
        "full_stop",
        "w",
        *("P", "o", "d", "ctrl+o", "left_square_bracket", "right_square_bracket"),
    ),
]
LINES = (
    *("routes", "clusters", "virtualservices", "effect", "nonsense", "clusters [/]", "home", 'pods "'),
    *("ns default", "ns all", "from nothing", "from demo"),
)
SIZES = ((80, 24), (20, 6), (200, 50), (80, 24))
DUMP = next(iter(sorted(RECORDINGS.glob("website/proxies/*/*/config_dump.json"))))


def broken(chance: random.Random) -> Mesh | None:
    """A dump with some bytes overwritten, doubled or lost; None where nothing of it can be read."""
    body = bytearray(Path(DUMP).read_bytes())
    for _ in range(chance.randint(1, 40)):
        at = chance.randrange(len(body))
        size = chance.randint(0, 30)
        body[at : at + size] = chance.choice((b"", b"null", b'"\\u001b[2J"', bytes(body[at : at + size]) * 2, b"{}"))
    try:
        return Mesh(Snapshot((Captured(Document.of("broken.json", bytes(body))),)))
    except MeshscopeError:
        return None


async def wander(browser: Driven, chance: random.Random, keys: int = KEYS_A_WALK) -> None:
    for _ in range(keys):
        if browser.app.return_code is not None or browser.app._exit:
            return
        match chance.randrange(20):
            case 0:
                await browser.press("escape", "escape")
                await browser.type(f":{chance.choice(LINES)}")
                await browser.press("enter")
            case 1:
                await browser.resize(*chance.choice(SIZES))
            case _:
                await browser.press(chance.choice(KEYS))
        assert set(browser.widths) == {browser.app.size.width}
        assert all(line.isprintable() for line in browser.lines)


MESHES: dict[str, Callable[[random.Random], Mesh | None]] = {
    "hostile": lambda _chance: hostile(),
    "sick": lambda _chance: sick(),
    "bookinfo": lambda _chance: recorded("bookinfo"),
    "broken": broken,
}


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(WALKS))
@pytest.mark.parametrize("name", MESHES)
def test_any_keys_leave_a_screen_that_can_be_drawn(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")  # noqa: S311  # a walk, not a secret
    mesh = MESHES[name](chance)

    async def walk(browser: Driven) -> None:
        await wander(browser, chance)

    if mesh is not None:
        drive(mesh, walk)
