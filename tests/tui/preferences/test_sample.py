from __future__ import annotations

import re
import tomllib

from meshscope.config import config_of
from meshscope.listing.registry import KINDS
from meshscope.tui.app import Browser
from meshscope.tui.preferences.keymap import key_screens
from meshscope.tui.preferences.sample import sample
from meshscope.tui.preferences.settings import DEFAULTS, settings_of

LINES = tuple(sample(Browser))
IDS = {ident for screen in key_screens(Browser) for bindings in screen.sets for ident in bindings}


def test_as_it_is_and_with_every_line_uncommented_it_says_the_defaults() -> None:
    for lines in (LINES, [re.sub(r"^#(?! |$)", "", line) for line in LINES]):
        config = config_of(tomllib.loads("\n".join(lines)), "sample")
        assert config.sources == ()
        assert settings_of(config, Browser) == DEFAULTS
    assert set(config.keys) == IDS
    assert set(config.columns) == {*KINDS, "home"}
    assert config.theme == "auto"


def test_it_fits_a_terminal_of_120_columns_but_for_lists() -> None:
    assert max(len(line) for line in LINES if not line.endswith("]")) <= 120
