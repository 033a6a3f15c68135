"""What is sensitive, by its name: the one list of it. Keys are asked in every spelling (snake_case, camelCase, CAPITALS)."""

from __future__ import annotations

import re
from functools import lru_cache

from meshscope.path import camel

REDACTED = "[redacted]"
"""Envoy's own word for what it hides."""
REDACTED_BASE64 = "W3JlZGFjdGVkXQ=="

SECRET_FIELDS = (
    "private_key", "private_key_provider", "password", "pkcs12", "session_ticket_keys", "generic_secret",
)  # fmt: skip
"""Fields whose whole content is a secret: no answer shows them, and no posted document holds it."""
SECRET_KEYS = frozenset((*SECRET_FIELDS, *map(camel, SECRET_FIELDS)))

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
SECRET_DATA = frozenset({"data", "stringData"})
"""Where a Kubernetes Secret holds its content."""

PRIVATE_JWK = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
"""https://www.rfc-editor.org/rfc/rfc7518#section-6: the private members of a JSON Web Key."""

ANNOTATION_ENDING = re.compile(r"(?:[\w-]+\.)*(?:istio\.io|gateway\.networking\.k8s\.io)/.+")
"""Annotations that say what the mesh does; the values of all others are somebody's own facts."""

NONE, SECRET, ENDING, HEADER, BASE64, ANNOTATIONS, ENVIRONMENT, VARIABLES, USERS, CREDENTIALS, COOKIE = range(11)
"""What a key says of its value: nothing; all of it is secret; a scalar or data source in it is; it names a header; …"""

_ENDINGS = ("password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "secretkey", "accesskeyid",
            "clientkeydata", "jsonkey")  # fmt: skip
_PLACES = {
    "inlinebytes": BASE64, "rawvalue": BASE64, "annotations": ANNOTATIONS, "env": ENVIRONMENT,
    "proxymetadata": VARIABLES, "environmentvariables": VARIABLES, "users": USERS, "credentials": CREDENTIALS,
    "cookie": COOKIE, "setcookie": COOKIE,
}  # fmt: skip
_SECRETS = frozenset(field.replace("_", "") for field in SECRET_FIELDS)
_PERSONAL = (
    r"(?i)(?:proxy-)?authorization|(?:set-)?cookie2?|.*(?:api-?key|token|secret|passw|credential|x-auth|session|jwt).*"
)
_COMPARED = r"(?i)(?:proxy-)?authorization|.*(?:api-?key|secret|passw|-token).*"


@lru_cache(maxsize=4096)
def role(key: str) -> int:
    """Which of the above a key is."""
    plain = re.sub(r"[_-]", "", key).lower()
    if plain in _SECRETS:
        return SECRET
    if plain in _PLACES:
        return _PLACES[plain]
    if plain.endswith(_ENDINGS):
        return ENDING
    return HEADER if re.fullmatch(r"(?i)(?:proxy-?)?authorization|x-.*", key) and carries_secrets(key) else NONE


@lru_cache(maxsize=4096)
def carries_secrets(header: str) -> bool:
    """Whether a header's value, where somebody sets it, may be a secret or say who somebody is."""
    return bool(re.fullmatch(_PERSONAL, header))


@lru_cache(maxsize=4096)
def is_credential(header: str) -> bool:
    """The same where a rule compares with it: cookies and sessions are compared with names, not with secrets."""
    return bool(re.fullmatch(_COMPARED, header))
