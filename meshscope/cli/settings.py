"""The user's settings: `$MESHSCOPE_FROM`, and `meshscope/config.toml` below `$XDG_CONFIG_HOME`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from meshscope.errors import UsageError

if TYPE_CHECKING:
    from meshscope.config import Config


def configured() -> tuple[str, ...]:
    """The sources of the environment, else of the configuration file, else none.

    `$MESHSCOPE_FROM` is one source, or several separated as in `$PATH`. Raises UsageError for an unreadable file.
    """
    if named := os.environ.get("MESHSCOPE_FROM"):
        return tuple(filter(None, named.split(os.pathsep))) if not Path(named).exists() else (named,)
    file = config_file()
    if _is_there(file):
        return config().sources
    older = file.with_suffix(".yaml")
    return _of_file(older) if _is_there(older) else ()


def config_file() -> Path:
    """Where the configuration file is looked for."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "meshscope" / "config.toml"


def config() -> Config:
    """What the configuration file says, the defaults without one. Raises UsageError."""
    from meshscope.config import Config, read_config  # only with a configuration file, and for the browser

    file = config_file()
    return read_config(file) if _is_there(file) else Config()


def _is_there(file: Path) -> bool:
    """A folder that this user may not search has no file for this user."""
    try:
        return file.exists()
    except OSError:
        return False


def _of_file(file: Path) -> tuple[str, ...]:
    """`from:` of `config.yaml`, which earlier versions read."""
    import yaml  # only with such a file

    from meshscope.bounded_file import bounded_bytes
    from meshscope.config import LONGEST

    try:
        settings = yaml.load(bounded_bytes(file, LONGEST), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{file}{f':{mark.line + 1}' if mark else ''}: not YAML") from None
    if settings is None:
        return ()
    sources = settings.get("from", []) if isinstance(settings, dict) else None
    if isinstance(sources, str):
        return (sources,)
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise UsageError(f"{file}: `from:` is a source or a list of sources")
    return tuple(sources)
