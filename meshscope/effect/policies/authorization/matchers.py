"""One value of a rule as istiod writes it into an RBAC policy: an exact text, `x*`, `*x`, or `*` for any.

https://github.com/istio/istio/blob/master/pilot/pkg/security/authz/model/generator.go. ValueError for a value that istiod
cannot use.
"""

from __future__ import annotations

import json
import re
from ipaddress import ip_address, ip_network

from msgspec import Raw

from meshscope.effect.policies.authorization.dialect import Dialect
from meshscope.simulation.matching.uri_template import URI_TEMPLATE
from meshscope.xds.address import CidrRange
from meshscope.xds.extension import Extension
from meshscope.xds.matcher import (
    FilterStateMatcher,
    HeaderMatcher,
    MetadataMatcher,
    PathSegment,
    RegexMatcher,
    StringMatcher,
)
from meshscope.xds.plain import written
from meshscope.xds.rbac import Authenticated, PathMatcher, Permission, Principal, PrincipalSet
from meshscope.xds.value_matcher import ListMatcher, OrMatcher, ValueMatcher

ANY_TEXT = ".+"
_TEMPLATES = ("{*}", "{**}")
_PEER = "io.istio.peer_principal"
_LAST_PORT = 65535
_JWT, _OLD_JWT = "envoy.filters.http.jwt_authn", "istio_authn"


def text(value: str, *, ignore_case: bool = False) -> StringMatcher:
    if value == "*":
        return regex(ANY_TEXT)
    if value.startswith("*"):
        return StringMatcher(suffix=value[1:], ignore_case=ignore_case)
    if value.endswith("*"):
        return StringMatcher(prefix=value[:-1], ignore_case=ignore_case)
    return StringMatcher(exact=value, ignore_case=ignore_case)


def regex(pattern: str) -> StringMatcher:
    return StringMatcher(safe_regex=RegexMatcher(regex=pattern))


def header(name: str, value: str, *, ignore_case: bool = False) -> HeaderMatcher:
    if value == "*":
        return HeaderMatcher(name=name, present_match=True)
    return HeaderMatcher(name=name, string_match=text(value, ignore_case=ignore_case))


def host(value: str, dialect: Dialect) -> HeaderMatcher:
    """Proxies before 1.11 cannot ignore the case of a header's value but by a regular expression."""
    if value == "*" or not dialect.is_old_host:
        return header(":authority", value, ignore_case=True)
    start, end = (".*", value[1:]) if value.startswith("*") else ("", value)
    middle, rest = (end[:-1], ".*") if not start and end.endswith("*") else (end, "")
    quoted = re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", middle)
    return HeaderMatcher(name=":authority", string_match=regex(f"(?i){start}{quoted}{rest}"))


def path(value: str, dialect: Dialect) -> Permission:
    if dialect.templates and any(part in value for part in _TEMPLATES):
        template = value.replace("{*}", "*").replace("{**}", "**")
        config = {"@type": f"type.googleapis.com/{URI_TEMPLATE}", "path_template": template}
        return Permission(uri_template=Extension(name="uri-template", typed_config=_raw(config)))
    return Permission(url_path=PathMatcher(path=text(value)))


def port(value: str) -> int:
    number = int(value)
    if not 0 <= number <= _LAST_PORT:
        raise ValueError(value)
    return number


def network(value: str) -> CidrRange:
    if "/" not in value:
        address = ip_address(value)
        return CidrRange(address_prefix=str(address), prefix_len=address.max_prefixlen)
    found = ip_network(value, strict=False)
    return CidrRange(address_prefix=str(found.network_address), prefix_len=found.prefixlen)


def identity(name: StringMatcher, dialect: Dialect) -> Principal:
    """Of the peer; behind the HBONE of a waypoint it is what the outer connection left."""
    if dialect.is_waypoint:
        return Principal(filter_state=FilterStateMatcher(key=_PEER, string_match=name))
    return Principal(authenticated=Authenticated(principal_name=name))


def principal(value: str, dialect: Dialect) -> Principal:
    if value == "*":
        return identity(regex(ANY_TEXT), dialect)
    if value.startswith("*"):
        return identity(regex(f"spiffe://.*{dialect.quoted(value[1:])}"), dialect)
    return identity(text(f"spiffe://{value}"), dialect)


def namespace(value: str, dialect: Dialect) -> Principal:
    name = ".*".join(dialect.quoted(part) for part in value.split("*"))
    return identity(regex(f".*/ns/{name}/.*"), dialect)


def service_account(value: str, dialect: Dialect) -> Principal:
    """`name` of the policy's namespace, or `namespace/name`."""
    first, slash, rest = value.partition("/")
    space, name = (first, rest) if slash else (dialect.namespace, value)
    return identity(regex(f"spiffe://.+/ns/{space}/(.+/|)sa/{name}(/.+)?"), dialect)


# --- tokens --------------------------------------------------------------------------------------------------------


def request_principal(value: str, dialect: Dialect) -> Principal:
    """`issuer/subject`; an issuer may be a URL, so that the last slash parts them."""
    if dialect.is_old_jwt:
        return Principal(metadata=_metadata(_OLD_JWT, ("request.auth.principal",), _asked(text(value))))
    found = "/" in value
    issuer, _, subject = value.rpartition("/") if found else (value, "", "")
    any_text = regex(ANY_TEXT)
    if value == "*":
        parts = (any_text, any_text)
    elif value.startswith("*"):
        first = any_text if issuer == "*" else StringMatcher(suffix=issuer[1:])
        parts = (first, StringMatcher(exact=subject)) if found else (any_text, StringMatcher(suffix=value[1:]))
    elif value.endswith("*"):
        last = any_text if subject == "*" else StringMatcher(prefix=subject[:-1])
        parts = (StringMatcher(exact=issuer), last) if found else (StringMatcher(prefix=value[:-1]), any_text)
    else:
        parts = (StringMatcher(exact=issuer), StringMatcher(exact=subject))
    return Principal(and_ids=PrincipalSet(ids=(_claim("iss", parts[0]), _claim("sub", parts[1]))))


def listed_claim(keys: tuple[str, ...], value: str, dialect: Dialect, key: str) -> Principal:
    """A claim, or one of its list. `key` is the whole attribute, by which the old filter knew it."""
    asked = _asked(text(value))
    if not dialect.is_old_jwt:
        both = ValueMatcher(or_match=OrMatcher(value_matchers=(_in_list(asked), asked)))
        return Principal(metadata=_metadata(_JWT, ("payload", *keys), both))
    if key.startswith("request.auth.claims"):
        return Principal(metadata=_metadata(_OLD_JWT, ("request.auth.claims", *keys), _in_list(asked)))
    return Principal(metadata=_metadata(_OLD_JWT, (key,), asked))


def filter_metadata(key: str, value: str) -> Permission:
    """`experimental.envoy.filters.a.b[c]`; a value in brackets is one of a list."""
    name, bracket, rest = key.removeprefix("experimental.").removesuffix("]").partition("[")
    if not bracket:
        raise ValueError(key)
    is_list = value.startswith("[") and value.endswith("]")
    asked = _asked(text(value.strip("[]") if is_list else value))
    return Permission(metadata=_metadata(name, (rest,), _in_list(asked) if is_list else asked))


def _claim(key: str, value: StringMatcher) -> Principal:
    return Principal(metadata=_metadata(_JWT, ("payload", key), _asked(value)))


def _asked(value: StringMatcher) -> ValueMatcher:
    return ValueMatcher(string_match=value)


def _in_list(asked: ValueMatcher) -> ValueMatcher:
    return ValueMatcher(list_match=ListMatcher(one_of=asked))


def _metadata(name: str, keys: tuple[str, ...], value: ValueMatcher) -> MetadataMatcher:
    return MetadataMatcher(filter=name, path=tuple(PathSegment(key=key) for key in keys), value=written(value))


def _raw(value: object) -> Raw:
    return Raw(json.dumps(value).encode())
