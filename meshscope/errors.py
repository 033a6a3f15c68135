"""The few exceptions that reach a user. Inside, failure is a value; at the rim it is one of these.

MeshscopeError
├── UsageError          exit 2: the command line is wrong, or names an unknown source, kind, proxy or object
├── UnreachableError    exit 3: a live source did not answer
├── UnreadableError     exit 4: no document of the sources could be read
└── CancelledError      exit 130: the caller has cancelled the work
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a run ends: a stable contract with scripts."""

    FINE = 0
    """The answer is yes, or there is something to show; an empty `get` is fine too."""
    NO = 1
    """The answer is no: nothing to describe or find under that name, a request that is not delivered, findings."""
    USAGE = 2
    """The command line is wrong, or names an unknown source, kind, proxy or object."""
    UNREACHABLE = 3
    """A live source could not be reached."""
    UNREADABLE = 4
    """No document could be read."""
    INTERRUPTED = 130
    """Stopped by the user."""


class MeshscopeError(Exception):
    """One clear line for the user: what happened, where, what to do. `exit_code` ends the process."""

    exit_code = ExitCode.NO


class UsageError(MeshscopeError):
    exit_code = ExitCode.USAGE


class UnreachableError(MeshscopeError):
    exit_code = ExitCode.UNREACHABLE


class UnreadableError(MeshscopeError):
    exit_code = ExitCode.UNREADABLE


class CancelledError(MeshscopeError):
    exit_code = ExitCode.INTERRUPTED
