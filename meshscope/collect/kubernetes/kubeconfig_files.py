"""The files that a kubeconfig is made of."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

from meshscope.bounded_file import bounded_bytes
from meshscope.errors import UsageError

LONGEST = 16 << 20
"""Bytes; a kubeconfig of a thousand clusters has a few million."""


def paths_of(kubeconfig: str) -> list[Path]:
    """Those of --kubeconfig, of $KUBECONFIG, or kubectl's own, whether they exist or not."""
    path_list = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    return [Path(part).expanduser() for part in path_list.split(os.pathsep) if part]


def bounded_kubeconfig(kubeconfig: str) -> str | dict[str, Any] | None:
    """What kr8s may read whole: the same files, None for the usual ones, the content of a pipe (`<(…)`).

    Raises UsageError for a file that is too long, a device that does not end, and a pipe beside other files.
    """
    paths = paths_of(kubeconfig)
    for path in paths:
        try:
            if path.is_fifo():
                return _piped(path) if paths == [path] else _refused(path, "a pipe is a kubeconfig of its own")
            if path.exists() and not path.is_dir():  # of a folder kr8s says so
                refuse_endless(path)
        except OSError:
            continue  # who parses it says why
    return kubeconfig or None


def refuse_endless(path: Path) -> None:
    """Raises UsageError for a file that is longer than any of a kubeconfig, OSError for one that cannot be read."""
    try:
        bounded_bytes(path, LONGEST)
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        _refused(path, error.strerror or "")


def _piped(path: Path) -> dict[str, Any]:
    import yaml  # only with a pipe

    with path.open("rb") as pipe:
        body = pipe.read(LONGEST + 1)
    if len(body) > LONGEST:
        _refused(path, f"longer than {LONGEST:,} bytes")
    try:
        config = yaml.load(body, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        config = None
    return config if isinstance(config, dict) else _refused(path, "no kubeconfig in it")


def _refused(path: Path, why: str) -> NoReturn:
    raise UsageError(f"--kubeconfig {path}: {why}")
