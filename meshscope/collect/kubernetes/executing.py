"""GET by a command in the pod, where a port-forward is not allowed: `pilot-agent request GET PATH`, which Istio ships.

https://github.com/istio/istio/blob/master/pilot/pkg/request/command.go
"""

from __future__ import annotations

import asyncio
import re
from typing import Self

import httpcore
import msgspec
from msgspec import Struct

from meshscope.collect.client import Answer
from meshscope.collect.kubernetes.channels import Channels
from meshscope.collect.kubernetes.cluster import Cluster, Refusal
from meshscope.collect.kubernetes.finding import PodName
from meshscope.collect.kubernetes.tunnel import CONNECTIONS
from meshscope.collect.spool import Incoming, Stored
from meshscope.snapshot import cleaning

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDOUT, _STDERR, _ERROR = 1, 2, 3
_MOST_SAID = 8192
_CODE = re.compile(r"status code (\d{3})")
_NOT_FOUND = (b"invalid path.", b"404 page not found")
"""What Envoy and Go say under status 404, which the command prints as if it were an answer."""
_NOBODY = re.compile(r"connection refused|executable file not found|no such file or directory", re.IGNORECASE)


class _Outcome(Struct):
    """The Status that the error channel ends with."""

    status: str = ""
    message: str = ""


class Executed:
    """An Asker, and a context manager: each GET is a command of its own."""

    subresource, what = "pods/exec", "exec"

    def __init__(self, cluster: Cluster, pod: PodName, container: str, command: str) -> None:
        """`command` is pilot-agent or pilot-discovery, in that container's image."""
        self.name = f"{cluster.name}/{pod}"
        self._cluster, self._pod, self._container, self._command = cluster, pod, container, command
        self._together = asyncio.Semaphore(CONNECTIONS)

    async def get(self, path: str) -> Answer:
        live = self._cluster.live
        async with self._together:
            try:
                async with asyncio.timeout(live.deadline):
                    return await self._run(path)
            except TimeoutError:
                return Answer(error=f"not finished after {live.deadline:g} s", is_late=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing stays open between two commands."""

    async def _run(self, path: str) -> Answer:
        arguments = (self._command, "request", "GET", path)
        query = (*(("command", word) for word in arguments), ("container", self._container))
        query = (*query, ("stdout", "true"), ("stderr", "true"))
        opened = await self._cluster.upgrade(f"{self._pod.path}/exec", query, PROTOCOLS)
        if isinstance(opened, Refusal):
            return Answer(opened.status, error=opened.why, is_reached=False)
        try:
            return await self._heard(opened)
        except httpcore.TimeoutException:
            return Answer(error=f"silent for {self._cluster.live.timeout:g} s", is_late=True)
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return Answer(error=f"broke off: {' '.join(str(error).split()) or type(error).__name__}")
        except OSError as error:
            return Answer(error=f"could not be kept: {error.strerror or error}")
        finally:
            await opened.aclose()

    async def _heard(self, channels: Channels) -> Answer:
        body, said, outcome = Incoming(self._cluster.spool), bytearray(), bytearray()
        while came := await channels.receive(self._cluster.live.timeout):
            channel, data = came
            if channel == _STDOUT:
                body.add(data)
                if body.length > cleaning.MOST_BYTES:
                    return Answer(error=cleaning.too_large())
            elif channel in (_STDERR, _ERROR):
                heard = said if channel == _STDERR else outcome
                heard += data[: _MOST_SAID - len(heard)]
        return _answer(body.done(), bytes(said), bytes(outcome))


def _answer(body: Stored, said: bytes, outcome: bytes) -> Answer:
    try:
        ended = msgspec.json.decode(outcome, type=_Outcome)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Answer(error=f"broke off after {body.length:,} bytes")
    if ended.status == "Success":
        if body.head.lstrip().startswith(_NOT_FOUND):
            return Answer(404, body, error="answered 404")
        return Answer(200, body)
    why = " ".join(said.decode("utf-8", "replace").split()).removeprefix("Error: ") or ended.message
    code = _CODE.search(why)
    return Answer(int(code[1]) if code else 0, error=why, is_reached=not _NOBODY.search(why))
