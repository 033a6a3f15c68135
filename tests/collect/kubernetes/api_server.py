"""A Kubernetes API server on loopback that serves recorded objects, and writes down what it was asked.

TLS and a bearer token as with a real one; `kubectl` speaks with it (test_kubectl.py).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, unquote

from .. import certificate
from .objects import Answer, Objects, status
from .tunnel import PROTOCOL, tunnel
from .websockets import Address, Socket, accepted, execute, forward

TOKEN = "let-me-in"  # noqa: S105  # it opens nothing but this server
CONTEXT = "test"
Fault = Callable[[str, str], Answer | None]
_ALLOWED = {
    "kind": "SelfSubjectAccessReview",
    "apiVersion": "authorization.k8s.io/v1",
    "spec": {},
    "status": {"allowed": True},
}
_PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io", PROTOCOL)


class Asked(NamedTuple):
    """`path` is with its query; `upgrade` the protocol that was asked for, or ""."""

    method: str
    path: str
    upgrade: str = ""


class _Request(NamedTuple):
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class ApiServer:
    """Context manager. `reaches` says what listens on a port of a pod; `fault` what is answered instead of the truth."""

    def __init__(
        self, objects: Objects, reaches: Callable[[str, int], Address | None] = lambda _pod, _port: None
    ) -> None:
        self.objects = objects
        self.reaches = reaches
        self.fault: Fault = lambda _method, _path: None
        self.asked: list[Asked] = []
        self.most_forwards = 0
        """How many port-forwards were open at the same time."""
        self._forwards = 0
        self._started = threading.Event()

    def kubeconfig(self, folder: Path, *, token: str = TOKEN, server: str = "", namespace: str = "default") -> Path:
        """Writes one with the contexts `test` and `test-elsewhere`."""
        authority = base64.b64encode(certificate.authority()).decode()
        cluster = {"server": server or self.url, "certificate-authority-data": authority}
        context = {"cluster": "c", "user": "u", "namespace": namespace}
        elsewhere = context | {"cluster": "nowhere"}
        file = folder / "kubeconfig"
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": CONTEXT,
            "clusters": [{"name": "c", "cluster": cluster},
                         {"name": "nowhere", "cluster": cluster | {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": CONTEXT, "context": context}, {"name": f"{CONTEXT}-elsewhere", "context": elsewhere}],
        }))  # fmt: skip
        return file

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [one.path.partition("?")[0] for one in self.asked]

    # --- the process ------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=certificate.server_tls(), backlog=512)
        self.port: int = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        tasks = dict(self._tasks)
        for task, writer in tasks.items():
            task.cancel()  # one that had no time to begin does not close its connection
            writer.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connection(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while (request := await _read(reader)) and await self._answer(request, reader, writer):
                    await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 1)

    # --- requests ---------------------------------------------------------------------------------------------------

    async def _answer(self, request: _Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        path, query, headers = request.path, request.query, request.headers
        wished = [one.strip() for one in headers.get("sec-websocket-protocol", "").split(",")]
        upgrade = headers.get("upgrade", "")
        whole = f"{path}?{query}" if query else path
        self.asked.append(Asked(request.method, whole, (wished[0] or upgrade) if upgrade else ""))
        protocol = next((one for one in wished if one in _PROTOCOLS), "")
        asked = dict(parse_qsl(query))
        if (refused := self._refused(request, whole)) is not None:
            _write(writer, refused)
        elif path.endswith(("/portforward", "/exec")) and protocol:
            writer.write(accepted(headers["sec-websocket-key"], protocol))
            await self._upgraded(Socket(reader, writer), protocol, path, query)
            return False
        elif asked.get("watch") in ("1", "true"):
            await self._watch(writer, path, asked)
            return False
        elif request.method == "POST":
            _write(writer, Answer(201, _ALLOWED))
        else:
            _write(writer, self.objects.answer(path, asked))
        return True

    def _refused(self, request: _Request, whole: str) -> Answer | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return status(401, "Unauthorized", "Unauthorized")
        is_review = request.method == "POST" and request.path.endswith("/selfsubjectaccessreviews")
        if request.method != "GET" and not is_review:
            return status(405, "MethodNotAllowed", "this server lets nobody change anything")
        return self.fault(request.method, whole)

    async def _watch(self, writer: asyncio.StreamWriter, path: str, query: dict[str, str]) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for event in self.objects.watched(path, query):
            line = json.dumps(event).encode() + b"\n"
            writer.write(b"%x\r\n%s\r\n" % (len(line), line))
        await writer.drain()
        await asyncio.sleep(float(query.get("timeoutSeconds", 60)))
        writer.write(b"0\r\n\r\n")

    async def _upgraded(self, socket: Socket, protocol: str, path: str, query: str) -> None:
        *_, pod, what = path.split("/")
        if what == "exec":
            await execute(socket, query, lambda port: self.reaches(pod, port))
        else:
            self._forwards += 1
            self.most_forwards = max(self._forwards, self.most_forwards)
            try:
                if protocol == PROTOCOL:
                    await tunnel(socket, lambda port: self.reaches(pod, port))
                else:
                    port = int(dict(parse_qsl(query))["ports"])
                    await forward(socket, port, self.reaches(pod, port))
            finally:
                self._forwards -= 1
        await socket.close()


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    fields = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in fields}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path, _, query = target.partition("?")
    return _Request(method, unquote(path), query, headers, body)


def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    body = json.dumps(answer.body).encode()
    head = f"HTTP/1.1 {answer.status} Some\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
