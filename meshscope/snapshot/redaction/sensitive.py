"""The one list of what is sensitive, by name. Keys count in every spelling (snake_case, camelCase, CAPITALS)."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache

from meshscope.path import camel

REDACTED = "[redacted]"
"""Envoy's own word for what it hides."""
REDACTED_BASE64 = "W3JlZGFjdGVkXQ=="

SECRET_FIELDS = (
    "private_key", "private_key_provider", "password", "pkcs12", "session_ticket_keys", "generic_secret",
)  # fmt: skip
"""Fields whose whole content is secret: answers do not show it, and redacted documents do not hold it."""
SECRET_KEYS = frozenset((*SECRET_FIELDS, *map(camel, SECRET_FIELDS)))

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
SECRET_DATA = frozenset({"data", "stringData"})
"""Where a Kubernetes Secret holds its content."""

PRIVATE_JWK = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
"""https://www.rfc-editor.org/rfc/rfc7518#section-6: the private members of a JSON Web Key."""

ANNOTATION_ENDING = re.compile(r"(?:[\w-]+\.)*(?:istio\.io|gateway\.networking\.k8s\.io)/.+")
"""Annotations of the mesh itself; the values of all others may be private."""


class Role(Enum):
    """The meaning of a key for its value."""

    NONE = auto()
    """Nothing."""
    SECRET = auto()
    """All of it is secret."""
    ENDING = auto()
    """The key sounds like a secret: a scalar or a data source in the value is one."""
    HEADER = auto()
    """The key names a header with a secret."""
    BASE64 = auto()
    """Bytes of any sort."""
    ANNOTATIONS = auto()
    ENVIRONMENT = auto()
    """A container's list of variables."""
    VARIABLES = auto()
    """Variables by their name."""
    USERS = auto()
    CREDENTIALS = auto()
    """A list of API keys."""
    COOKIE = auto()


_ENDINGS = ("password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "secretkey", "accesskeyid",
            "clientkeydata", "jsonkey")  # fmt: skip
_ROLES = {
    "inlinebytes": Role.BASE64, "rawvalue": Role.BASE64, "annotations": Role.ANNOTATIONS, "env": Role.ENVIRONMENT,
    "proxymetadata": Role.VARIABLES, "environmentvariables": Role.VARIABLES, "users": Role.USERS,
    "credentials": Role.CREDENTIALS, "cookie": Role.COOKIE, "setcookie": Role.COOKIE,
}  # fmt: skip
_SECRETS = frozenset(field.replace("_", "") for field in SECRET_FIELDS)
_PERSONAL = (
    r"(?i)(?:proxy-)?authorization|(?:set-)?cookie2?|.*(?:api-?key|token|secret|passw|credential|x-auth|session|jwt).*"
)
_COMPARED = r"(?i)(?:proxy-)?authorization|.*(?:api-?key|secret|passw|-token).*"


@lru_cache(maxsize=4096)
def role(key: str) -> Role:
    plain = re.sub(r"[_-]", "", key).lower()
    if plain in _SECRETS:
        return Role.SECRET
    if plain in _ROLES:
        return _ROLES[plain]
    if plain.endswith(_ENDINGS):
        return Role.ENDING
    return (
        Role.HEADER if re.fullmatch(r"(?i)(?:proxy-?)?authorization|x-.*", key) and carries_secrets(key) else Role.NONE
    )


@lru_cache(maxsize=4096)
def carries_secrets(header: str) -> bool:
    """Whether the value that a header is set to may be a secret or identify a person."""
    return bool(re.fullmatch(_PERSONAL, header))


@lru_cache(maxsize=4096)
def is_credential(header: str) -> bool:
    """Whether a value that a header is compared with may be a secret; cookies and sessions are compared by name."""
    return bool(re.fullmatch(_COMPARED, header))
