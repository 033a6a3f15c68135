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
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.xds.http_filter_config import BasicAuth, BasicAuthPerRoute


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = own.message
    per_route = overrides[0].message if overrides else None
    if not isinstance(config, BasicAuth):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    users = per_route.users.text if isinstance(per_route, BasicAuthPerRoute) else config.users.text
    return _BasicAuth(entry, config, users)


class _BasicAuth:
    def __init__(self, entry: FilterEntry, config: BasicAuth, users: str | None) -> None:
        self._entry, self._config = entry, config
        lines = [line.strip().partition(":") for line in (users or "").splitlines()]
        self._hashes = None if users is None else {name: password_hash for name, _, password_hash in lines}

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        header = self._config.authentication_header or "authorization"
        values = request.values(header)
        credentials, details, because = _read(values[0] if values else None, header)
        if details:
            return self._deny(request, details, because)
        name, password = credentials
        acceptance = passes(self._with_username(request, name), context, self._entry, f"user {name}")
        because = f"there is no user {name} with this password"
        denial = self._deny(request, "invalid_credential_for_basic_auth", because)
        if self._hashes is None:
            return (
                under_condition(acceptance[0], "the password is right"),
                under_condition(denial[0], "the password is wrong"),
            )
        digest = b64encode(sha1(password.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest()).decode()
        return acceptance if self._hashes.get(name) == f"{{SHA}}{digest}" else denial

    def _with_username(self, request: HttpRequest, name: str) -> HttpRequest:
        header = self._config.forward_username_header.lower()
        return replace(request, headers=set_header(request.headers, header, name)) if header else request

    def _deny(self, request: HttpRequest, details: str, because: str) -> FilterOutcomes:
        return ends(Disposition.DENIED, local_reply(request, 401, details), self._entry, because)


def _read(value: str | None, header: str) -> tuple[tuple[str, str], str, str]:
    """User and password; where they are missing, the response code details and the reason."""
    none = ("", "")
    if value is None:
        return none, "no_credential_for_basic_auth", f"header {header} is absent"
    if not value.startswith("Basic "):
        return none, "invalid_scheme_for_basic_auth", f"header {header} does not start with 'Basic '"
    try:
        text = b64decode(value[6:], validate=True).decode("utf-8", "surrogateescape")
    except ValueError:
        text = ""
    name, colon, password = text.partition(":")
    if not colon:
        return none, "invalid_format_for_basic_auth", f"header {header} contains no user:password in base64"
    return (name, password), "", ""
