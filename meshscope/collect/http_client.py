"""GET over HTTP, with every fault of a server turned into one line.

Invariant: nothing but GET is sent, and redirects are not followed, so no response leads elsewhere; a proxy of the environment
is used for https alone, where it sees neither a token nor an answer. The size of a body is bounded, before and after
decompression. A server has `timeout` seconds between two pieces of a response and `deadline` seconds for the whole.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import ssl
from ipaddress import ip_address
from typing import Self
from urllib.parse import unquote

import httpx

from meshscope.collect.client import HttpResponse, first_words
from meshscope.collect.content_encoding import ACCEPTED, BodyError, ContentDecoder
from meshscope.collect.live import Live
from meshscope.collect.live_source import LAST_PORT
from meshscope.collect.spool import IncomingBody, Spool
from meshscope.errors import UsageError
from meshscope.snapshot import cleaning

RETRIES = 2
"""Further attempts to connect. A request that was sent is not repeated."""
_PAUSE = 0.1
_LONGEST_LABEL = 63


class HttpClient:
    """One server; `base` is `http://HOST:PORT`, `https://HOST:PORT` or `http+unix://SOCKET`. A context manager."""

    def __init__(  # noqa: PLR0913  # a server, and the way to it
        self,
        base: str,
        live: Live,
        spool: Spool,
        *,
        name: str = "",
        token: str = "",
        client: httpx.AsyncClient | None = None,
    ) -> None:
        """`name` is the prefix of the documents' names, `base` by default. Raises UsageError for a malformed address.

        `client` is an httpx client with its own transport to the server; it is closed together with this one.
        """
        self.name = name or base.rstrip("/")
        self._live = live
        self._spool = spool
        self._client, self._origin = (client, base.rstrip("/")) if client else _client(base, live, token)

    async def get(self, path: str) -> HttpResponse:
        for attempt in range(RETRIES + 1):
            if attempt:
                await asyncio.sleep(_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
            try:
                async with asyncio.timeout(self._live.deadline):
                    return await self._get_once(self._origin + path)
            except TimeoutError:
                return HttpResponse(
                    error=f"not finished after {self._live.deadline:g} s", is_timeout=True, is_endless=True
                )
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                why = _connection_error(error, self._live.timeout)
        return HttpResponse(error=why, is_reached=False)

    async def _get_once(self, url: str) -> HttpResponse:
        status, incoming = 0, IncomingBody(self._spool)
        try:
            async with self._client.stream("GET", url) as response:
                status = response.status_code
                await receive(response, incoming)
            body = incoming.finish()
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except httpx.TimeoutException:
            received = f" after {incoming.length:,} bytes" if incoming.length else ""
            return HttpResponse(status=status, error=f"silent for {self._live.timeout:g} s{received}", is_timeout=True)
        except (httpx.HTTPError, BodyError) as error:
            why = str(error) if isinstance(error, BodyError) else _protocol_error(error, incoming.length)
            is_endless = incoming.length > cleaning.MOST_BYTES
            return HttpResponse(status=status, error=why, is_endless=is_endless)
        except OSError as error:
            return HttpResponse(status=status, error=f"could not be stored: {error.strerror or error}")
        if status != httpx.codes.OK:
            text = first_words(body)
            return HttpResponse(status=status, body=body, error=f"answered {status}{f': {text}' if text else ''}")
        return HttpResponse(status=status, body=body)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()


async def receive(response: httpx.Response, incoming: IncomingBody) -> None:
    """Reads a response to its end. Raises BodyError, and OSError where the body cannot be stored."""
    decoder = ContentDecoder(response.headers.get("content-encoding", ""))
    async for chunk in response.aiter_raw():
        for piece in decoder.pieces(chunk):
            incoming.add(piece)
            if incoming.length > cleaning.MOST_BYTES:
                raise BodyError(cleaning.too_large())
    decoder.finish()


def _client(base: str, live: Live, token: str) -> tuple[httpx.AsyncClient, str]:
    """The httpx client and the origin of its URLs."""
    timeout = httpx.Timeout(live.timeout)
    headers = {"accept": "application/json, text/plain;q=0.5, */*;q=0.1", "accept-encoding": ACCEPTED}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if base.startswith("http+unix://"):
        socket_path = unquote(base.removeprefix("http+unix://"))
        if "\0" in socket_path:
            raise UsageError(f"{base}: no address: no path has a NUL")
        transport = httpx.AsyncHTTPTransport(uds=socket_path)
        client = httpx.AsyncClient(transport=transport, timeout=timeout, headers=headers, trust_env=False)
        return client, "http://localhost"
    url = server_url(base)
    client = httpx.AsyncClient(
        timeout=timeout,
        headers=headers,
        trust_env=may_use_proxy(url.scheme, url.host),
        verify=_trusted(live.ca_file) if url.scheme == "https" else False,
    )
    return client, base.rstrip("/")


def server_url(base: str) -> httpx.URL:
    """The address of a server. Raises UsageError where it cannot be one."""
    try:
        url = httpx.URL(base)
        host = url.host
        labels = url.raw_host.decode("ascii").rstrip(".").split(".")
    except (httpx.InvalidURL, ValueError):
        raise UsageError(f"{base}: no address: there is no host of this name") from None
    if not host or url.query or url.fragment:
        raise UsageError(f"{base}: an address is SCHEME://HOST:PORT")
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        raise UsageError(f"{base}: no address: a port is a number from 1 to {LAST_PORT}")
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise UsageError(f"{base}: no address: a part of its host is empty, or longer than {_LONGEST_LABEL} characters")
    return url


def _trusted(ca_file: str) -> ssl.SSLContext:
    """Raises UsageError."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        why = "no certificates (PEM) in it" if isinstance(error, ssl.SSLError) else error.strerror or str(error)
        raise UsageError(f"--ca-file {ca_file}: {why}") from None


def may_use_proxy(scheme: str, host: str | None) -> bool:
    """Whether the proxy variables of the environment count: a proxy sees all of plain HTTP, and no loopback but its own."""
    return scheme == "https" and not is_loopback(host)


def is_loopback(host: str | None) -> bool:
    name = (host or "").rstrip(".").lower()
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _connection_error(error: httpx.TransportError, timeout: float) -> str:
    """The operating system's reason, from the deepest cause that has one."""
    if isinstance(error, httpx.ConnectTimeout):
        return f"could not be reached within {timeout:g} s"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):  # one for each address of a name
            cause = cause.exceptions[0]
        if isinstance(cause, OSError) and cause.errno and not isinstance(cause, (socket.gaierror, ssl.SSLError)):
            return os.strerror(cause.errno).lower()
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        cause = cause.__cause__ or cause.__context__
    return " ".join(str(error).split()) or "could not be reached"


def _protocol_error(error: httpx.HTTPError, received: int) -> str:
    """A response that broke off after `received` bytes, or that is not HTTP."""
    why = " ".join(str(error).split()) or type(error).__name__
    if "_SWITCH_UPGRADE" in why:  # h11's word for 101
        return "no valid HTTP response: it switches to another protocol (101), which was not asked for"
    return f"broke off after {received:,} bytes: {why}" if received else f"no valid HTTP response: {why}"
