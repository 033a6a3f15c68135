"""The user's settings: `$MESHSCOPE_FROM`, and `meshscope/config.yaml` below `$XDG_CONFIG_HOME`."""

from __future__ import annotations

import os
from pathlib import Path

from meshscope.errors import UsageError


def configured() -> tuple[str, ...]:
    """The sources of the environment, else of the configuration file, else none.

    `$MESHSCOPE_FROM` is one source, or several separated as in `$PATH`. Raises UsageError for an unreadable file.
    """
    if named := os.environ.get("MESHSCOPE_FROM"):
        return tuple(filter(None, named.split(os.pathsep))) if not Path(named).exists() else (named,)
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    file = Path(home) / "meshscope" / "config.yaml"
    return _of_file(file) if file.is_file() else ()


def _of_file(file: Path) -> tuple[str, ...]:
    import yaml  # only with a configuration file

    try:
        settings = yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
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
