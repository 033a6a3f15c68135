"""DEST as the user types it: a URL, `service[.namespace][:port][/path]`, or `IP:port` for plain TCP.

What the text leaves open (scheme, port, the full name of a service) is None; `completion` decides it with the mesh.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from msgspec import Struct

INTERNAL = "envoy://"
"""Before the name of an internal listener, in an endpoint's address."""
LOCALHOST, LOOPBACK = "localhost", "127.0.0.1"
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "grpc": 80}
_URL = r"(?s)(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?:[^/?#@]*@)?(?P<authority>[^/?#]*)(?P<path>[/?#].*)?"
_HOST = r"(?P<host>\[[0-9a-fA-F:.%]+\]|[^:/\[\]]*)(?::(?P<port>[0-9]{1,5}))?"
_BARE = r"(?s)(?P<authority>\[[^\]]*\](?::[0-9]+)?|[^/?#]*)(?P<path>[/?#].*)?"


class Destination(Struct, frozen=True):
    """`host` has no brackets and no port. `path` starts with `/`."""

    host: str
    port: int | None
    scheme: str | None
    path: str

    @property
    def is_ip(self) -> bool:
        return is_ip(self.host)


@lru_cache(maxsize=4096)
def parse_destination(text: str) -> Destination | None:
    """None for text that is no destination."""
    url = re.fullmatch(_URL, text)
    parts = url or re.fullmatch(_BARE, text)
    if parts is None:
        return None
    found = re.fullmatch(_HOST, parts["authority"])
    if found is None or not found["host"]:
        return None
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        return None
    scheme = url["scheme"].lower() if url else None
    path = (parts["path"] or "/").partition("#")[0]
    path = path if path.startswith("/") else f"/{path}"
    return Destination(found["host"].strip("[]"), port, scheme, path)


@lru_cache(maxsize=4096)
def is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(text: str) -> bool:
    return is_ip(text) and ipaddress.ip_address(text).is_loopback


@lru_cache(maxsize=4096)
def split_address(text: str) -> tuple[str, int | None] | None:
    """`IP[:PORT]` or `[v6]:PORT` as IP and port; None for anything else."""
    if is_ip(text):
        return text, None
    found = re.fullmatch(_HOST, text)
    if found is None or not is_ip(found["host"].strip("[]")):
        return None
    return found["host"].strip("[]"), int(found["port"]) if found["port"] else None


def joined(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
