"""An HTTP/2 client on loopback, over plain text by prior knowledge or over TLS: it sends what it is told, allowed or not."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from typing import NamedTuple

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, Event, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from .client import Said, Tls, wrapped

_UNCHECKED = H2Configuration(
    header_encoding=None,
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
    validate_inbound_headers=False,
)
_PATIENCE = 5.0


class Sent(NamedTuple):
    """`body` None: there is none. `stays_open`: the client never ends the stream, and is content with the answer's headers."""

    fields: Sequence[tuple[str, str]]
    body: bytes | None = None
    stays_open: bool = False


def exchange(port: int, header: bytes, sent: Sent, tls: Tls | None) -> Said:
    """One connection with one stream on it; `answer` is written as HTTP/1 would write it, empty if the stream was reset."""
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as plain:
        peer = ":".join(map(str, plain.getsockname()[:2]))
        answer = b""
        with contextlib.suppress(OSError, ProtocolError):
            plain.sendall(header)
            with wrapped(plain, tls) as stream:
                answer = _answered(stream, sent)
        return Said(peer, answer)


def _answered(stream: socket.socket, sent: Sent) -> bytes:
    connection = H2Connection(_UNCHECKED)
    connection.local_settings[SettingCodes.MAX_HEADER_LIST_SIZE] = 1 << 20
    connection.initiate_connection()
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.fields]
    connection.send_headers(1, encoded, end_stream=sent.body is None and not sent.stays_open)
    if sent.body is not None:
        connection.send_data(1, sent.body, end_stream=True)
    stream.sendall(connection.data_to_send())
    answer = b""
    while received := stream.recv(65536):
        for event in connection.receive_data(received):
            if isinstance(event, ResponseReceived):
                answer = _as_http1(event)
            if _is_last(event) or (answer and sent.stays_open):
                return answer
        stream.sendall(connection.data_to_send())
    return answer


def _is_last(event: Event) -> bool:
    return isinstance(event, StreamEnded | StreamReset | ConnectionTerminated)


def _as_http1(event: ResponseReceived) -> bytes:
    pairs = [(bytes(name), bytes(value)) for name, value in event.headers]
    return b"\r\n".join([b"HTTP/2 " + pairs[0][1], *(name + b": " + value for name, value in pairs[1:]), b"", b""])
