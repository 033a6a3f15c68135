from __future__ import annotations

import os
from pathlib import Path

import pytest

from meshscope.config import Config, read_config
from meshscope.errors import UsageError


def written(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_every_setting_is_read(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        from = "demo"
        theme = "nord"
        mouse = false
        [keys]
        table.sort = "S"
        "table.down" = ["down", "n"]
        app.quit = ""
        [columns]
        routes = ["NAME"]
        """,
    )
    keys = {"table.sort": ("S",), "table.down": ("down", "n"), "app.quit": ()}
    expected = Config(str(file), ("demo",), "nord", mouse=False, keys=keys, columns={"routes": ("NAME",)})
    assert read_config(file) == expected


def test_an_empty_file_has_the_defaults(tmp_path: Path) -> None:
    file = written(tmp_path, "# nothing\n")
    assert read_config(file) == Config(str(file))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("them = 'nord'", ": no setting `them`; did you mean theme?"),
        ("from = 1", ": `from` is a source or a list of sources"),
        ("from = ['demo', 1]", ": `from` is a source or a list of sources"),
        ("theme = true", ": `theme` is the name of a theme"),
        ("mouse = 'no'", ": `mouse` is true or false"),
        ("keys = 'q'", ": `keys` is a table: the id of a binding = a key, or a list of keys"),
        ("[keys]\ntable.sort = 1", ': `keys.table.sort` is a key, a list of keys, or "" for none'),
        ("[columns]\nroutes = 'NAME'", ": `columns` is a table: a kind = a list of titles of columns"),
        ("mouse = true\ntheme = nord", ":2: not TOML: Invalid value"),
        ("theme = 'nord'\ntheme = 'nord'", ": not TOML: Cannot overwrite a value"),
        ("theme = ", "not TOML: Invalid value"),
        (b"theme = '\xff'", ": not TOML: it is not UTF-8"),
        ("from = " + "[" * 5000, ": not TOML: nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(tmp_path: Path, text: str | bytes, says: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_config(file)
    said = str(error.value)
    assert said.startswith(str(file))
    assert said.endswith(says)
    assert "\n" not in said


def test_a_folder_in_its_place_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_config(tmp_path)


def endless(folder: Path) -> list[Path]:
    """A device, a pipe that nothing writes to, a terabyte of nothing."""
    device, pipe, sparse = folder / "device", folder / "pipe", folder / "sparse"
    device.symlink_to("/dev/zero")
    os.mkfifo(pipe)
    with sparse.open("wb") as file:
        file.truncate(1 << 40)
    return [device, pipe, sparse]


def test_a_file_that_does_not_end_is_told(tmp_path: Path) -> None:
    for file in endless(tmp_path):
        with pytest.raises(UsageError, match=f"{file}: cannot be read: (not a file|longer than 1,048,576 bytes)"):
            read_config(file)
