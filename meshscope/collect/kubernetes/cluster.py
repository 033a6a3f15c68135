"""One API server: GET, and the GET that becomes a websocket. This module can send nothing else.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self
from urllib.parse import urlencode

import httpx
import msgspec
from msgspec import Struct

from meshscope.collect.client import HttpResponse, first_words
from meshscope.collect.content_encoding import ACCEPTED, BodyError
from meshscope.collect.http_client import HttpClient, may_use_proxy, receive, server_url
from meshscope.collect.kubernetes.channels import Channels, handshake
from meshscope.collect.kubernetes.credentials import ClusterAccess
from meshscope.collect.live import Live
from meshscope.collect.spool import IncomingBody, Spool

FORBIDDEN = 403


class UpgradeFailure(Struct, frozen=True):
    """Why there is no websocket; `status` is HTTP's, 0 if the API server was not reached."""

    status: int
    why: str


class _Status(Struct):
    message: str = ""


class KubernetesCluster:
    """A context manager. `api` is the client of the API server itself; `live` and `spool` are the run's.

    Raises UsageError where the kubeconfig names a server that cannot be one.
    """

    def __init__(self, access: ClusterAccess, live: Live, spool: Spool) -> None:
        self.access, self.live, self.spool = access, live, spool
        self.name = f"k8s:{access.context}"
        self._client = _client(access, live)
        self.api = HttpClient(access.server, live, spool, name=self.name, client=self._client)

    async def upgrade(
        self, path: str, query: Sequence[tuple[str, str]], protocols: tuple[str, ...]
    ) -> Channels | UpgradeFailure:
        """A websocket at a path of the API server. Never raises for what the server does."""
        url = f"{self.access.server.rstrip('/')}{path}?{urlencode(query)}"
        request = self._client.build_request("GET", url, headers=handshake(protocols))
        try:
            async with asyncio.timeout(self.live.deadline):
                response = await self._client.send(request, stream=True)
                if response.status_code == httpx.codes.SWITCHING_PROTOCOLS:
                    return Channels(response)
                try:
                    return UpgradeFailure(response.status_code, await self._error_text(response))
                finally:
                    await response.aclose()
        except TimeoutError:
            return UpgradeFailure(0, f"the API server did not finish within {self.live.deadline:g} s")
        except httpx.TimeoutException:
            return UpgradeFailure(0, f"the API server was silent for {self.live.timeout:g} s")
        except (httpx.HTTPError, BodyError, OSError) as error:
            return UpgradeFailure(0, f"the API server: {' '.join(str(error).split()) or type(error).__name__}")

    async def _error_text(self, response: httpx.Response) -> str:
        incoming = IncomingBody(self.spool)
        await receive(response, incoming)
        return status_message(HttpResponse(response.status_code, incoming.finish()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()


def status_message(response: HttpResponse) -> str:
    """The error of the API server: the message of its Status, else the beginning of its text.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """
    if response.body is None:
        return response.failure
    try:
        message = msgspec.json.decode(response.body.load(), type=_Status).message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError):
        message = ""
    return f"answered {response.status}: {' '.join(message.split()) or first_words(response.body)}"


def _client(access: ClusterAccess, live: Live) -> httpx.AsyncClient:
    url = server_url(access.server)

    async def set_server_name(request: httpx.Request) -> None:
        request.extensions = {**request.extensions, "sni_hostname": access.server_name}

    return httpx.AsyncClient(
        headers={"accept": "application/json", "accept-encoding": ACCEPTED}
        | ({"authorization": f"Bearer {access.token}"} if access.token else {}),
        verify=access.tls,
        timeout=httpx.Timeout(live.timeout, pool=None),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=live.concurrency),
        proxy=access.proxy or None,
        trust_env=may_use_proxy(url.scheme, url.host),
        event_hooks={"request": [set_server_name] if access.server_name else []},
    )
