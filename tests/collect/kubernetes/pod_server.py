"""What listens in a pod of a test's cluster and behaves: HTTP with connections that are used again."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..server import Served
from .websockets import Address


class PodServer(Served):
    """`replies` gives status and body for each path."""

    def __init__(self, replies: Callable[[str], tuple[int, bytes]]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one piece

            def do_GET(self) -> None:
                status, body = replies(self.path)
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing on stderr."""

        class Listening(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, _request: object, _address: object) -> None:
                """A client that leaves early is no error of a test."""

        server = Listening(("127.0.0.1", 0), Handler)
        self.address: Address = ("127.0.0.1", server.server_port)
        super().__init__(server)
