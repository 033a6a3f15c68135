"""What holds for every test: no clock decides whether one passes, and no socket leads off this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("meshscope", deadline=None)
settings.load_profile("meshscope")


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Connecting to another machine is an error of the test, whoever tries it in this process."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        connect = getattr(socket.socket, name)

        def local(self: socket.socket, address: Any, connect: Any = connect) -> Any:
            if self.family != socket.AF_UNIX and not ip_address(address[0]).is_loopback:
                raise OSError(f"tests stay on this machine: {address!r}")
            return connect(self, address)

        patch.setattr(socket.socket, name, local)
    yield
    patch.undo()
