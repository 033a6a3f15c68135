from __future__ import annotations

import pytest

from meshscope.simulation.connection import Connection
from meshscope.simulation.matching.addresses import is_local


@pytest.mark.parametrize(
    ("source", "destination", "local"),
    [
        ("127.0.0.1", "10.0.0.1", True),
        ("127.0.0.1", "127.0.0.3", True),
        ("127.0.0.2", "10.0.0.1", False),
        ("127.0.0.2", "127.0.0.1", False),
        ("127.0.0.2", "127.0.0.2", True),
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.2", "10.0.0.1", False),
        ("10.0.0.1", "127.0.0.1", False),
        ("::1", "fd00::1", True),
        ("0:0:0:0:0:0:0:1", "fd00::1", True),
        ("::2", "fd00::1", False),
        ("fd00::1", "fd00::1", True),
        ("FD00:0::1", "fd00::1", True),
        ("::ffff:127.0.0.1", "fd00::1", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1", True),
        ("::ffff:10.0.0.1", "10.0.0.1", False),
        ("127.0.0.1", None, True),
        ("10.0.0.1", None, None),
        (None, "10.0.0.1", None),
        ("no address", "no address either", False),
    ],
)
def test_local_is_the_loopback_address_alone_or_the_own_one(
    source: str | None, destination: str | None, *, local: bool | None
) -> None:
    assert is_local(Connection(source_ip=source, destination_ip=destination)) is local


@pytest.mark.parametrize(
    ("source", "is_pipe", "local"),
    [
        (None, True, True),
        (None, False, False),
        (None, None, None),
        ("10.0.0.1", True, False),
        ("127.0.0.1", False, True),
    ],
)
def test_a_pipe_is_local_and_an_internal_listener_is_not(
    source: str | None, *, is_pipe: bool | None, local: bool | None
) -> None:
    assert is_local(Connection(is_ip=False, source_ip=source), is_pipe=is_pipe) is local
