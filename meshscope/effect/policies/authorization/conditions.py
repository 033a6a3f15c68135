"""The members of a rule, each as conditions of one key: what they are about, and how one of their values is written.

https://istio.io/latest/docs/reference/config/security/conditions/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from meshscope.effect.policies.authorization import matchers
from meshscope.effect.policies.authorization.dialect import Dialect
from meshscope.istio.objects.authorization_policy import Condition, Operation, Source
from meshscope.xds.rbac import Permission, Principal

Make = Callable[[str, Dialect], Permission | Principal]


class Attribute(Struct, frozen=True):
    """`is_http`: connections do not have it. `make` writes one value; None for one that is not modelled."""

    is_permission: bool
    make: Make | None
    is_http: bool = False


class Asked(Struct, frozen=True):
    """One condition: any of `values`, none of `not_values`. `words` is its path in the rule."""

    words: str
    attribute: Attribute | None
    values: tuple[str, ...]
    not_values: tuple[str, ...]


def _permission(make: Make, *, is_http: bool = False) -> Attribute:
    return Attribute(is_permission=True, make=make, is_http=is_http)


def _principal(make: Make | None, *, is_http: bool = False) -> Attribute:
    return Attribute(is_permission=False, make=make, is_http=is_http)


_HOSTS = _permission(lambda value, dialect: Permission(header=matchers.host(value, dialect)), is_http=True)
_METHODS = _permission(lambda value, _: Permission(header=matchers.header(":method", value)), is_http=True)
_PATHS = _permission(matchers.path, is_http=True)
_PORTS = _permission(lambda value, _: Permission(destination_port=matchers.port(value)))
_ADDRESSES = _permission(lambda value, _: Permission(destination_ip=matchers.network(value)))
_SNI = _permission(lambda value, _: Permission(requested_server_name=matchers.text(value)))
_PEERS = _principal(lambda value, _: Principal(direct_remote_ip=matchers.network(value)))
_REMOTES = _principal(lambda value, _: Principal(remote_ip=matchers.network(value)))
_NAMESPACES, _PRINCIPALS = _principal(matchers.namespace), _principal(matchers.principal)
ACCOUNTS = _principal(matchers.service_account)
_TOKENS = _principal(matchers.request_principal, is_http=True)
_NOT_MODELLED = _principal(None)

ATTRIBUTES = {
    "destination.ip": _ADDRESSES,
    "destination.port": _PORTS,
    "connection.sni": _SNI,
    "source.ip": _PEERS,
    "remote.ip": _REMOTES,
    "source.namespace": _NAMESPACES,
    "source.principal": _PRINCIPALS,
    "source.serviceAccount": ACCOUNTS,
    "source.trustDomain": _NOT_MODELLED,
    "request.auth.principal": _TOKENS,
}
"""By the key of a `when`; those with a name in brackets are found by their beginning."""


def of_operation(one: Operation, words: str) -> Iterator[Asked]:
    yield Asked(f"{words}.hosts", _HOSTS, one.hosts, one.not_hosts)
    yield Asked(f"{words}.methods", _METHODS, one.methods, one.not_methods)
    yield Asked(f"{words}.paths", _PATHS, one.paths, one.not_paths)
    yield Asked(f"{words}.ports", _PORTS, one.ports, one.not_ports)


def of_source(one: Source, words: str, dialect: Dialect) -> Iterator[Asked]:
    """Without what the control plane does not know, which the API server drops."""
    yield _of_principals(f"{words}.principals", one.principals, one.not_principals, dialect)
    yield Asked(f"{words}.requestPrincipals", _TOKENS, one.request_principals, one.not_request_principals)
    if dialect.service_accounts:
        yield Asked(f"{words}.serviceAccounts", ACCOUNTS, one.service_accounts, one.not_service_accounts)
    if dialect.trust_domain_fields:
        yield Asked(f"{words}.trustDomains", _NOT_MODELLED, one.trust_domains, one.not_trust_domains)
    yield Asked(f"{words}.namespaces", _NAMESPACES, one.namespaces, one.not_namespaces)
    yield Asked(f"{words}.remoteIpBlocks", _REMOTES, one.remote_ip_blocks, one.not_remote_ip_blocks)
    yield Asked(f"{words}.ipBlocks", _PEERS, one.ip_blocks, one.not_ip_blocks)


def not_known(one: Source, words: str, dialect: Dialect) -> Iterator[str]:
    """The members of a source that are newer than the control plane."""
    if not dialect.service_accounts and (one.service_accounts or one.not_service_accounts):
        yield f"{words}.serviceAccounts"
    if not dialect.trust_domain_fields and (one.trust_domains or one.not_trust_domains):
        yield f"{words}.trustDomains"


def of_condition(one: Condition, words: str, dialect: Dialect) -> Asked:
    """`attribute` is None for a key that Istio does not have."""
    attribute = ATTRIBUTES.get(one.key) or _named(one.key)
    if attribute is _PRINCIPALS:
        return _of_principals(f"{words} ({one.key})", one.values, one.not_values, dialect)
    return Asked(f"{words} ({one.key})", attribute, one.values, one.not_values)


def _of_principals(words: str, values: tuple[str, ...], not_values: tuple[str, ...], dialect: Dialect) -> Asked:
    return Asked(words, _PRINCIPALS, dialect.principals(values), dialect.principals(not_values))


def _named(key: str) -> Attribute | None:
    if key in ("request.auth.audiences", "request.auth.presenter"):
        keys = ("aud",) if key.endswith("audiences") else ("azp",)
        return _principal(lambda value, dialect: matchers.listed_claim(keys, value, dialect, key), is_http=True)
    if key.startswith("request.headers"):
        return _principal(lambda value, _: Principal(header=matchers.header(_in_brackets(key), value)), is_http=True)
    if key.startswith("request.auth.claims"):
        return _principal(lambda value, dialect: matchers.listed_claim(_claims(key), value, dialect, key), is_http=True)
    if key.startswith("experimental.envoy.filters."):
        return _permission(lambda value, _: matchers.filter_metadata(key, value))
    return _NOT_MODELLED if key.startswith("request.experimental.inline.headers") else None


def _in_brackets(key: str) -> str:
    """ValueError where the key has none."""
    if not (found := re.fullmatch(r"request\.headers\[(.*)\]", key)):
        raise ValueError(key)
    return found[1]


def _claims(key: str) -> tuple[str, ...]:
    """`[a][b]` behind the key. ValueError where there are none."""
    if not (found := re.fullmatch(r"request\.auth\.claims((\[[^\]]+\])+)", key)):
        raise ValueError(key)
    return tuple(found[1][1:-1].split("]["))
