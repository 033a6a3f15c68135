"""The server behind every cluster: it answers 200 with what it was asked, as JSON: the request line and the headers.

It says so in the body, and once more in a header, for filters may change the body. A request may name another status, and
gRPC's.

What is not HTTP (a TLS hello, other bytes) it closes at once.
"""

from __future__ import annotations

import json
import socketserver
import threading
from base64 import b64encode

HEADER = "x-asked"
STATUS, GRPC = "x-answer-status", "x-answer-grpc"
"""Headers of a request that say how to answer it."""


class _Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        first = self.rfile.read(1)
        if not first.isalpha():
            return
        head = [(first + self.rfile.readline()).rstrip(b"\r\n").decode("latin-1")]
        while line := self.rfile.readline().rstrip(b"\r\n"):
            head.append(line.decode("latin-1"))
        pairs = [line.partition(": ")[::2] for line in head[1:]]
        body = json.dumps({"line": head[0], "headers": pairs}).encode()
        said = b"%b: %b\r\ncontent-length: %d" % (HEADER.encode(), b64encode(body), len(body))
        asked = {name.lower(): value.encode() for name, value in pairs}
        if GRPC in asked:
            said += b"\r\ncontent-type: application/grpc\r\ngrpc-status: " + asked[GRPC]
        status = asked.get(STATUS, b"200")
        self.wfile.write(b"HTTP/1.1 %b OK\r\nconnection: close\r\n%b\r\n\r\n%b" % (status, said, body))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


class Upstream:
    def __init__(self) -> None:
        self._server = _Server(("0.0.0.0", 0), _Echo)  # noqa: S104  # its hosts are 127.0.0.1, 127.0.0.2, …
        self.port: int = self._server.server_address[1]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
