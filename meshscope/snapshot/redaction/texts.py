"""Secrets that a text shows by their form: PEM private keys, tokens, user names and passwords in URLs, `password=…`.

Invariant: a text without secrets is returned as the same object, and a redacted text has no secret.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode

from meshscope.snapshot.redaction.sensitive import REDACTED

_PEM = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
_PEM_IN_BASE64 = r"LS0tLS1CRUdJTi[A-Za-z0-9+/_-]{10,}={0,2}"
_JWT = r"eyJ[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){2,4}"
_KNOWN_KEY = (
    r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{36,}|github_pat_\w{22,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}"
    r"|sk_live_\w{16,})"
)
_WORD = r"[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?)"
_VALUE = r"""(?!\[redacted\]|%|\$|<|/|(?:true|false|null|none)\b)[^\s"'\\,;&<>(){}\[\]]+"""

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(_PEM, re.DOTALL), REDACTED),
    (re.compile(_JWT), REDACTED),
    (re.compile(_KNOWN_KEY), REDACTED),
    (re.compile(r"(?<=://)(?!\[redacted\]@)[^/\s@\"'?#]+@"), f"{REDACTED}@"),
    (re.compile(r"\b((?:[Bb]earer|[Bb]asic)\s+)(?=[\w+/.~-]*\d)[\w+/.~-]{12,}=*"), rf"\1{REDACTED}"),
    (re.compile(rf"""(?i)\b({_WORD}\\?["']?\s?[=:]\s?\\?["']?){_VALUE}"""), rf"\1{REDACTED}"),
    (re.compile(r"(?im)^(\s*-?\s*(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*(?:key|token))\s*:\s*)"
                r"(?!\[redacted\])[^\s%].*$"), rf"\1{REDACTED}"),
)  # fmt: skip

SUSPICIOUS = (
    r"(?i)passw|passphrase|secret|token|[ai][_-]?key|access[_-]?key|private[_-]?key|PRIVATE KEY|pkcs12|session_?ticket"
    r"|eyJ|LS0tLS1CRUdJTi|AKIA|ASIA|gh[pousr]_|github_pat_|xox[abprs]-|sk_live_|://[^/\s@]+@|bearer|basic|authorization"
    r"|cookie|credential|jwt|jwk|x-auth|session|annotations|\"env|\benv:|proxy_?metadata|environment_?variables|kty"
    r"|json_?key|key-data|inline_?(?:bytes|string)|raw_?value|AIza"
)
"""Nothing is redacted in a text without any of these: the search that most texts end with (RE2's syntax)."""

_HINT = re.compile(
    r"PRIVATE KEY|eyJ|LS0tLS1CRUdJTi|AKIA|ASIA|gh[pousr]_|github_pat_|xox|AIza|sk_live_|@|[Bb]earer|[Bb]asic"
    r"|(?i:passw|passphrase|secret|token|[_-]?key|authorization|cookie)"
)


def redacted_text(text: str) -> str:
    """The text without secrets of such a form."""
    if not _HINT.search(text):
        return text
    new = re.sub(_PEM_IN_BASE64, _without_key, text)
    for pattern, replacement in _RULES:
        new = pattern.sub(replacement, new)
    return text if new == text else new


def _without_key(found: re.Match[str]) -> str:
    """A PEM text in base64: a certificate stays, a private key is removed."""
    try:
        raw = b64decode(found[0] + "=" * (-len(found[0]) % 4))
    except ValueError:
        return found[0]
    return b64encode(REDACTED.encode()).decode() if b"PRIVATE KEY" in raw else found[0]
