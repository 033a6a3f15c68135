"""The user's settings for live sources. Nothing in it depends on a server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

LOOK_AGAIN, READ_AGAIN = 2.0, 15.0
"""Seconds between two looks at the version of a source; between two readings of a source without versions."""


def utc_now() -> str:
    """RFC 3339, in seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Live(Struct, frozen=True, kw_only=True):
    """`timeout` is how long a server may stay silent, `deadline` how long one document may take, in seconds.

    `token` is a bearer token for istiod, `ca_file` a PEM file for https. `context`, `kubeconfig`, `namespace` ("" for all)
    and `labels` (a selector as in kubectl) are for `k8s:`. `concurrency` is the number of servers in use at once.
    """

    timeout: float = 10.0
    deadline: float = 120.0
    token: str = ""
    ca_file: str = ""
    context: str = ""
    kubeconfig: str = ""
    namespace: str = ""
    labels: str = ""
    concurrency: int = 16
    now: Callable[[], str] = utc_now
