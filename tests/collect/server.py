"""A server on loopback that does to its clients what servers do on bad days, and writes down what it was asked."""

from __future__ import annotations

import contextlib
import gzip
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

Reply = Callable[[socket.socket], None]


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]


class Served:
    """Context manager around a server of the standard library, which serves in a thread of its own."""

    def __init__(self, server: socketserver.BaseServer) -> None:
        self._serving = server

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._serving.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._serving.shutdown()
        self._thread.join()
        self._serving.server_close()


class Server(Served):
    """`replies` says for each path what is done; one request for each connection."""

    def __init__(self, replies: Callable[[str], Reply], tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        asked = self.asked

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                head = b""
                while b"\r\n\r\n" not in head:
                    chunk = self.request.recv(65536)
                    if not chunk:
                        return
                    head += chunk
                first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
                method, path, _ = first.split(" ")
                fields = (line.partition(":") for line in lines)
                asked.append(Asked(method, path, {name.lower(): value.strip() for name, _, value in fields}))
                with contextlib.suppress(OSError):
                    replies(path)(self.request)

        class Listening(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 256

            def handle_error(self, _request: object, _address: object) -> None:
                """A client that leaves early is no error of a test."""

        self._server = Listening(("127.0.0.1", 0), Handler)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        super().__init__(self._server)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"


def _head(status: int, **fields: str | int) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Some\r\nconnection: close\r\n{lines}\r\n".encode()


def answer(body: bytes, status: int = 200, **fields: str | int) -> Reply:
    def reply(to: socket.socket) -> None:
        to.sendall(_head(status, content_length=len(body), **fields) + body)

    return reply


def zipped(body: bytes) -> Reply:
    return answer(gzip.compress(body, mtime=0), content_encoding="gzip")


def lying(body: bytes, length: int) -> Reply:
    """A length that is not the body's."""
    return lambda to: to.sendall(_head(200, content_length=length) + body)


def resetting(body: bytes = b"") -> Reply:
    """The connection is reset, perhaps in the middle of an answer."""

    def reply(to: socket.socket) -> None:
        if body:
            to.sendall(_head(200, content_length=10 * len(body)) + body)
            time.sleep(0.05)
        to.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return reply


def silent(seconds: float = 2.0) -> Reply:
    return lambda _to: time.sleep(seconds)


def endless(to: socket.socket) -> None:
    """Chunks that never end."""
    to.sendall(_head(200, transfer_encoding="chunked"))
    while True:
        to.sendall(b"1\r\n{\r\n")
        time.sleep(0.02)


def no_http(to: socket.socket) -> None:
    to.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
