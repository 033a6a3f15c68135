"""One API server: GET, and the GET that becomes a websocket. Nothing else can be sent from here.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from msgspec import Struct

from meshscope.collect.client import Answer, first_words
from meshscope.collect.http_client import HttpAsker, is_loopback
from meshscope.collect.kubernetes.channels import Channels, handshake
from meshscope.collect.kubernetes.credentials import Access
from meshscope.collect.live import Live
from meshscope.collect.spool import HEAD, Incoming, Spool

FORBIDDEN = 403


class Refusal(Struct, frozen=True):
    """No websocket; `status` is HTTP's, 0 where the API server was not reached."""

    status: int
    why: str


class _Status(Struct):
    message: str = ""


class Cluster:
    """A context manager. `api` asks for what the API server itself knows; `live` and `spool` are the run's."""

    def __init__(self, access: Access, live: Live, spool: Spool) -> None:
        self.access, self.live, self.spool = access, live, spool
        self.name = f"k8s:{access.context}"
        self._client = _client(access, live)
        self.api = HttpAsker(access.server, live, spool, name=self.name, client=self._client)

    async def upgrade(
        self, path: str, query: Sequence[tuple[str, str]], protocols: tuple[str, ...]
    ) -> Channels | Refusal:
        """A websocket at a path of the API server. Never raises for what the other side does."""
        url = f"{self.access.server.rstrip('/')}{path}?{urlencode(query)}"
        request = self._client.build_request("GET", url, headers=handshake(protocols))
        try:
            response = await self._client.send(request, stream=True)
            if response.status_code == httpx.codes.SWITCHING_PROTOCOLS:
                return Channels(response)
            try:
                return Refusal(response.status_code, await self._said(response))
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            return Refusal(0, f"the API server was silent for {self.live.timeout:g} s")
        except httpx.HTTPError as error:
            return Refusal(0, f"the API server: {' '.join(str(error).split()) or type(error).__name__}")

    async def _said(self, response: httpx.Response) -> str:
        incoming = Incoming(self.spool)
        async for chunk in response.aiter_bytes():
            incoming.add(chunk)
            if incoming.length >= HEAD:
                break
        return message_of(Answer(response.status_code, incoming.done()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()


def message_of(answer: Answer) -> str:
    """What the API server said instead of an answer; a Status has a message.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """
    if answer.stored is None:
        return answer.said
    try:
        said = msgspec.json.decode(answer.stored.load(), type=_Status).message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError):
        said = ""
    return f"answered {answer.status}: {' '.join(said.split()) or first_words(answer.stored)}"


def _client(access: Access, live: Live) -> httpx.AsyncClient:
    async def named(request: httpx.Request) -> None:
        request.extensions = {**request.extensions, "sni_hostname": access.server_name}

    return httpx.AsyncClient(
        headers={"accept": "application/json"} | ({"authorization": f"Bearer {access.token}"} if access.token else {}),
        verify=access.tls,
        timeout=httpx.Timeout(live.timeout, pool=None),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=live.concurrency),
        proxy=access.proxy or None,
        trust_env=not is_loopback(urlsplit(access.server).hostname),
        event_hooks={"request": [named] if access.server_name else []},
    )
