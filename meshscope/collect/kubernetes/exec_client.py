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

from meshscope.collect.client import HttpResponse
from meshscope.collect.kubernetes.channels import Channels
from meshscope.collect.kubernetes.cluster import KubernetesCluster, UpgradeFailure
from meshscope.collect.kubernetes.pod_targets import PodName
from meshscope.collect.kubernetes.tunnel import CONNECTIONS
from meshscope.collect.spool import IncomingBody, StoredBody
from meshscope.snapshot import cleaning

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDOUT, _STDERR, _ERROR = 1, 2, 3
_MOST_ERROR_TEXT = 8192
"""Bytes that are kept of each of stderr and the error channel."""
_STATUS_CODE = re.compile(r"status code (\d{3})")
_NOT_FOUND = (b"invalid path.", b"404 page not found")
"""Envoy's and Go's texts under status 404, which the command prints to stdout like a document."""
_UNREACHED = re.compile(r"connection refused|executable file not found|no such file or directory", re.IGNORECASE)


class _Outcome(Struct):
    """The Status at the end of the error channel."""

    status: str = ""
    message: str = ""


class ExecClient:
    """A DocumentClient and a context manager: each GET is a command of its own."""

    subresource, what = "pods/exec", "exec"

    def __init__(self, cluster: KubernetesCluster, pod: PodName, container: str, command: str) -> None:
        """`command` is pilot-agent or pilot-discovery, in that container's image."""
        self.name = f"{cluster.name}/{pod}"
        self._cluster, self._pod, self._container, self._command = cluster, pod, container, command
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def get(self, path: str) -> HttpResponse:
        live = self._cluster.live
        async with self._slots:
            try:
                async with asyncio.timeout(live.deadline):
                    return await self._run(path)
            except TimeoutError:
                return HttpResponse(error=f"not finished after {live.deadline:g} s", is_timeout=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing stays open between two commands."""

    async def _run(self, path: str) -> HttpResponse:
        arguments = (self._command, "request", "GET", path)
        query = (*(("command", word) for word in arguments), ("container", self._container))
        query = (*query, ("stdout", "true"), ("stderr", "true"))
        channels = await self._cluster.upgrade(f"{self._pod.path}/exec", query, PROTOCOLS)
        if isinstance(channels, UpgradeFailure):
            return HttpResponse(channels.status, error=channels.why, is_reached=False)
        try:
            return await self._read_output(channels)
        except httpcore.TimeoutException:
            return HttpResponse(error=f"silent for {self._cluster.live.timeout:g} s", is_timeout=True)
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return HttpResponse(error=f"broke off: {' '.join(str(error).split()) or type(error).__name__}")
        except OSError as error:
            return HttpResponse(error=f"could not be stored: {error.strerror or error}")
        finally:
            await channels.aclose()

    async def _read_output(self, channels: Channels) -> HttpResponse:
        stdout, stderr, outcome = IncomingBody(self._cluster.spool), bytearray(), bytearray()
        while piece := await channels.receive(self._cluster.live.timeout):
            channel, data = piece
            if channel == _STDOUT:
                stdout.add(data)
                if stdout.length > cleaning.MOST_BYTES:
                    return HttpResponse(error=cleaning.too_large())
            elif channel in (_STDERR, _ERROR):
                text = stderr if channel == _STDERR else outcome
                text += data[: _MOST_ERROR_TEXT - len(text)]
        return _response(stdout.finish(), bytes(stderr), bytes(outcome))


def _response(stdout: StoredBody, stderr: bytes, outcome: bytes) -> HttpResponse:
    try:
        status = msgspec.json.decode(outcome, type=_Outcome)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return HttpResponse(error=f"broke off after {stdout.length:,} bytes")
    if status.status == "Success":
        if stdout.head.lstrip().startswith(_NOT_FOUND):
            return HttpResponse(404, stdout, error="answered 404")
        return HttpResponse(200, stdout)
    why = " ".join(stderr.decode("utf-8", "replace").split()).removeprefix("Error: ") or status.message
    code = _STATUS_CODE.search(why)
    return HttpResponse(int(code[1]) if code else 0, error=why, is_reached=not _UNREACHED.search(why))
