"""A text that is searched for, and whether a value mentions it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from meshscope.envoy.resource import LISTENER, Resource
from meshscope.path import Path

_RANGE = re.compile(rb"refix_?[lL]en")


class SearchText:
    """A word, an IP, `IP:port`, `[IPv6]:port`, or a path whose end counts (`at_end`).

    An IP is also found in the ranges of filter chains, `IP:port` also in the two fields of a socket address.
    """

    def __init__(self, text: str, *, at_end: bool = False) -> None:
        self.text = text
        host, colon, port = text.rpartition(":")
        self._address = _ip(host.strip("[]")) if colon and port.isdecimal() else None
        self._port = int(port) if self._address else None
        self._range_member = self._address or _ip(text)
        self._needle = (str(self._address) if self._address else text).encode()
        escaped = re.escape(text)
        self._word = re.compile(escaped + "$" if at_end else rf"(?:(?<![\w.-])|(?<=_\.)){escaped}(?![\w-]|\.\w)")

    def may_be_in(self, raw: Any) -> bool:
        """False where a slice certainly does not contain the text."""
        return self._needle in (raw if isinstance(raw, bytes) else bytes(raw))

    def is_range_candidate(self, resource: Resource) -> bool:
        """Whether the ranges of a filter chain may contain the address, which needs no such text."""
        return self._range_member is not None and resource.kind == LISTENER and bool(_RANGE.search(resource.raw))

    def is_in(self, text: str) -> bool:
        return bool(self._word.search(text))

    def found_in(self, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
        """The mentions below a value, each as its path and the text there."""
        if isinstance(value, str):
            if self.is_in(value):
                yield path, value
        elif isinstance(value, dict):
            if text := self._address_in(value) or self._range_in(value):
                yield path, text
                return
            for key, member in value.items():
                yield from self.found_in(member, (*path, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.found_in(item, (*path, index))

    def _address_in(self, value: dict[str, Any]) -> str:
        """The text, if the value is a socket address with this IP and port, in either spelling; else ""."""
        if self._port is None or value.get("address") != str(self._address):
            return ""
        return self.text if self._port in (value.get("port_value"), value.get("portValue")) else ""

    def _range_in(self, value: dict[str, Any]) -> str:
        """A CIDR range that contains the address, else "". The range of all addresses does not count."""
        prefix = value.get("address_prefix", value.get("addressPrefix"))
        length = value.get("prefix_len", value.get("prefixLen", 0))
        if self._range_member is None or not isinstance(prefix, str) or not length:
            return ""
        try:
            network = ipaddress.ip_network(f"{prefix}/{length}", strict=False)
        except ValueError:
            return ""
        return str(network) if self._range_member in network else ""


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
