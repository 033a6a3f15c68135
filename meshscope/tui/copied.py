"""What is copied: to the clipboard of the terminal, which never answers, and to a file, which is there in any case."""

from __future__ import annotations

import os
from pathlib import Path

from textual.app import App

FILE = "meshscope/copied.txt"


def copied(app: App[None], text: str, what: str) -> str:
    """Copies a text and says so: `copied 3 names, also to ~/.cache/meshscope/copied.txt`."""
    app.copy_to_clipboard(text)  # OSC 52; terminals that do not know it ignore it
    return f"copied {what}, {_kept(text)}"


def cache_file() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / FILE


def _kept(text: str) -> str:
    file = cache_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(f"{text}\n")
    except OSError as error:
        return f"not to {_short(file)}: {error.strerror}"
    return f"also to {_short(file)}"


def _short(file: Path) -> str:
    try:
        return f"~/{file.relative_to(Path.home())}"
    except ValueError:
        return str(file)
