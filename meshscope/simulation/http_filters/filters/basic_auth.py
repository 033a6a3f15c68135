"""`envoy.filters.http.basic_auth`: 401 unless user and password are among the htpasswd lines.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/basic_auth_filter
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha1

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed,
    ended,
    passed,
    possible,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.xds.http_filter_config import BasicAuth, BasicAuthPerRoute


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = own.message
    said = overrides[0].message if overrides else None
    if not isinstance(config, BasicAuth):
        return lambda request, _: assumed(request, entry, "its configuration does not read")
    users = said.users.text if isinstance(said, BasicAuthPerRoute) else config.users.text
    return _BasicAuth(entry, config, users)


class _BasicAuth:
    def __init__(self, entry: FilterEntry, config: BasicAuth, users: str | None) -> None:
        self._site, self._config = entry, config
        lines = [line.strip().partition(":") for line in (users or "").splitlines()]
        self._users = None if users is None else {name: hashed for name, _, hashed in lines}

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        header = self._config.authentication_header or "authorization"
        values = request.values(header)
        user, fault, because = _read(values[0] if values else None, header)
        if fault:
            return self._refused(request, fault, because)
        name, password = user
        accepted = passed(self._forwarded(request, name), context, self._site, f"user {name}")
        wrong = self._refused(request, "invalid_credential_for_basic_auth", f"user {name} or its password is not known")
        if self._users is None:
            return possible(accepted[0], "the password is right"), possible(wrong[0], "the password is wrong")
        digest = b64encode(sha1(password.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest()).decode()
        return accepted if self._users.get(name) == f"{{SHA}}{digest}" else wrong

    def _forwarded(self, request: HttpRequest, name: str) -> HttpRequest:
        header = self._config.forward_username_header.lower()
        return replace(request, headers=set_header(request.headers, header, name)) if header else request

    def _refused(self, request: HttpRequest, details: str, because: str) -> FilterOutcomes:
        return ended(Disposition.DENIED, local_reply(request, 401, details), self._site, because)


def _read(value: str | None, header: str) -> tuple[tuple[str, str], str, str]:
    """User and password; else the response code details and why."""
    nobody = ("", "")
    if value is None:
        return nobody, "no_credential_for_basic_auth", f"header {header} is absent"
    if not value.startswith("Basic "):
        return nobody, "invalid_scheme_for_basic_auth", f"header {header} does not start with 'Basic '"
    try:
        decoded = b64decode(value[6:], validate=True).decode("utf-8", "surrogateescape")
    except ValueError:
        decoded = ""
    name, colon, password = decoded.partition(":")
    if not colon:
        return nobody, "invalid_format_for_basic_auth", f"header {header} holds no user:password in base64"
    return (name, password), "", ""
