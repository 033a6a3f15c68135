"""The files that a kubeconfig is made of."""

from __future__ import annotations

import os
from pathlib import Path

from meshscope.errors import UsageError

_LONGEST = 16 << 20
"""Bytes; a kubeconfig of a thousand clusters has a few million."""


def paths_of(kubeconfig: str) -> list[Path]:
    """Those of --kubeconfig, of $KUBECONFIG, or kubectl's own, whether they exist or not."""
    path_list = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    return [Path(part).expanduser() for part in path_list.split(os.pathsep) if part]


def refuse_endless(kubeconfig: str) -> None:
    """Raises UsageError for a file that is too long, or a device that does not end: whoever parses it reads all of it."""
    for path in paths_of(kubeconfig):
        try:
            if path.is_file():
                is_long = path.stat().st_size > _LONGEST
            elif path.is_char_device():
                with path.open("rb") as file:
                    is_long = len(file.read(_LONGEST + 1)) > _LONGEST
            else:
                continue
        except OSError:
            continue  # who parses it says why
        if is_long:
            raise UsageError(f"--kubeconfig {path}: longer than {_LONGEST:,} bytes")
