"""GET over HTTP, with everything that a server may do wrong turned into one line.

Invariant: nothing but GET is sent, and no redirect is followed, so that no answer leads elsewhere. A body is bounded, on the
wire and unfolded; a server has `timeout` seconds between two pieces of an answer and `deadline` seconds for all of it.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import ssl
from typing import Self
from urllib.parse import unquote, urlsplit

import httpx

from meshscope.collect.client import Answer, first_words
from meshscope.collect.live import Live
from meshscope.collect.spool import Incoming, Spool
from meshscope.snapshot import cleaning

RETRIES = 2
"""Further attempts to connect; an answer that went wrong is not asked for again."""
_PAUSE = 0.1
_LOOPBACK = r"localhost|127\..*|::1"
"""Hosts that no proxy of the environment leads to."""


class HttpAsker:
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
        """`name` begins the documents' names, `base` if it is not given. Raises ValueError for an address that is none.

        `client` is one that gets there by a way of its own; it is closed with the asker.
        """
        self.name = name or base.rstrip("/")
        self._live = live
        self._spool = spool
        self._client, self._origin = (client, base.rstrip("/")) if client else _client(base, live, token)

    async def get(self, path: str) -> Answer:
        for attempt in range(RETRIES + 1):
            if attempt:
                await asyncio.sleep(_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311  # no secret
            try:
                async with asyncio.timeout(self._live.deadline):
                    return await self._once(self._origin + path)
            except TimeoutError:
                return Answer(error=f"not finished after {self._live.deadline:g} s", is_late=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                why = _unreachable(error, self._live.timeout)
        return Answer(error=why, is_reached=False)

    async def _once(self, url: str) -> Answer:
        status, incoming = 0, Incoming(self._spool)
        try:
            async with self._client.stream("GET", url) as response:
                status = response.status_code
                async for chunk in response.aiter_bytes():
                    incoming.add(chunk)
                    if incoming.length > cleaning.MOST_BYTES:
                        return Answer(status=status, error=cleaning.too_large())
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except httpx.TimeoutException:
            came = f" after {incoming.length:,} bytes" if incoming.length else ""
            return Answer(status=status, error=f"silent for {self._live.timeout:g} s{came}", is_late=True)
        except httpx.HTTPError as error:
            return Answer(status=status, error=_broken(error, incoming.length))
        except OSError as error:
            return Answer(status=status, error=f"could not be kept: {error.strerror or error}")
        stored = incoming.done()
        if status != httpx.codes.OK:
            said = first_words(stored)
            return Answer(status=status, stored=stored, error=f"answered {status}{f': {said}' if said else ''}")
        return Answer(status=status, stored=stored)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()


def _client(base: str, live: Live, token: str) -> tuple[httpx.AsyncClient, str]:
    """The client and the origin of its URLs."""
    timeout = httpx.Timeout(live.timeout)
    headers = {"accept": "application/json, text/plain;q=0.5, */*;q=0.1"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if base.startswith("http+unix://"):
        socket = unquote(base.removeprefix("http+unix://"))
        transport = httpx.AsyncHTTPTransport(uds=socket)
        return httpx.AsyncClient(transport=transport, timeout=timeout, headers=headers), "http://localhost"
    parts = urlsplit(base)
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address is SCHEME://HOST:PORT")
    client = httpx.AsyncClient(
        timeout=timeout,
        headers=headers,
        trust_env=not is_loopback(parts.hostname),
        verify=ssl.create_default_context(cafile=live.ca_file or None) if parts.scheme == "https" else False,
    )
    return client, base.rstrip("/")


def is_loopback(host: str | None) -> bool:
    return re.fullmatch(_LOOPBACK, host or "") is not None


def _unreachable(error: httpx.TransportError, timeout: float) -> str:
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


def _broken(error: httpx.HTTPError, came: int) -> str:
    """The answer broke off, or was no HTTP."""
    why = " ".join(str(error).split()) or type(error).__name__
    return f"broke off after {came:,} bytes: {why}" if came else f"no proper answer: {why}"
