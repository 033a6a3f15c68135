from __future__ import annotations

import pytest

from meshscope.config import Config
from meshscope.errors import UsageError
from meshscope.tui.app import Browser
from meshscope.tui.preferences.settings import DEFAULTS, Settings, home_titles, settings_of


def test_the_defaults_are_the_defaults_of_the_file() -> None:
    assert settings_of(Config(), Browser) == DEFAULTS


@pytest.mark.parametrize(("word", "theme"), [("auto", ""), ("light", "textual-light"), ("nord", "nord")])
def test_a_theme_is_textuals_or_light_or_dark(word: str, theme: str) -> None:
    assert settings_of(Config(theme=word), Browser) == Settings(theme)


def test_a_kind_is_named_by_any_of_its_words() -> None:
    config = Config(columns={"r": ("DOMAINS", "NAME"), "vs": ("NAME",)})
    assert settings_of(config, Browser).columns == {
        "routes": ("DOMAINS", "NAME"),
        "virtualservices.networking.istio.io": ("NAME",),
    }


def test_home_has_columns_too_and_its_own_ones_are_no_change() -> None:
    assert settings_of(Config(columns={"home": ("PROXY", "IP")}), Browser).columns == {"home": ("PROXY", "IP")}
    assert settings_of(Config(columns={"home": home_titles()}), Browser) == DEFAULTS


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (Config("f", columns={"home": ("IPP",)}), r"f: `columns\.home`: no column 'IPP'; did you mean IP"),
        (Config("f", theme="nrod"), "f: no theme 'nrod'; did you mean nord"),
        (Config("f", keys={"app.qit": ()}), r"f: `keys\.app\.qit`: no such binding; did you mean app\.quit"),
        (Config("f", columns={"rotes": ("NAME",)}), r"f: `columns\.rotes`: no kind 'rotes'; did you mean routes"),
        (Config("f", columns={"routes": ("NAM",)}), r"f: `columns\.routes`: no column 'NAM'; did you mean NAME"),
        (Config("f", columns={"routes": ("NAME", "NAME")}), "NAME is there twice"),
        (Config("f", columns={"routes": ()}), "names no column"),
        (Config("f", columns={"routes": ("NAME",), "r": ("NAME",)}), "routes are there twice"),
    ],
)
def test_a_word_that_is_not_known_is_said_with_its_place(config: Config, says: str) -> None:
    with pytest.raises(UsageError, match=says) as error:
        settings_of(config, Browser)
    assert "\n" not in str(error.value)
