"""Secrets that a text shows by its form: keys in PEM, tokens, users in URLs, values of a query, `password=…`.

The second net: a text that is kept, as a name or an error's message, goes through it. Every expression is RE2's, which takes
time in proportion to the text whatever the text is.

Invariant: a text without such secrets is returned as the same object.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from meshscope.snapshot.sensitive import REDACTED

_NAME = r"(?:passw|passphrase|\bpwd|secret|token|credential|(?:api|access|account|signing)[_-]?key|signature)"
_RULES = (
    (
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|\z)",
        REDACTED,
    ),
    (r"LS0tLS1CRUdJTi[A-Za-z0-9+/_-]{10,}={0,2}", REDACTED),
    (r"eyJ[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){1,4}", REDACTED),
    (
        r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_\w{16,}|SG\.[\w-]{16,}"
        r"|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}|[sr]k_(?:live|test)_\w{16,})",
        REDACTED,
    ),
    (r"(hooks\.slack\.com/)[^\s\"']+", rf"\1{REDACTED}"),
    (r"(://)[^/\s@\"'?#\[]+@", rf"\1{REDACTED}@"),
    (r"(?i)\b((?:bearer|basic|digest|negotiate)\s+)[A-Za-z0-9+/._~-]{8,}=*", rf"\1{REDACTED}"),
    (r"([?&][^=&\s\"'?]{1,128}=)[^&\s\"'\[][^&\s\"']*", rf"\1{REDACTED}"),
    (rf"(?i)({_NAME}[\w.-]{{0,64}}\\?[\"']?\s?(?:=|:\s)\s?\\?[\"']?)[^\s\"'\\,;&\[:][^\s\"'\\,;&]*", rf"\1{REDACTED}"),
)
_HINT = r"(?i)-----BEGIN|LS0tLS1CRUdJTi|eyJ|AKIA|ASIA|gh[pousr]_|github_pat|glpat|hf_|SG\.|xox|AIza|[sr]k_(?:live|test)|slack" \
    rf"|@|bearer|basic|digest|negotiate|[?&]|{_NAME}"  # fmt: skip
"""No text without any of these has a secret: the search that most texts end with."""


def redacted_text(text: str) -> str:
    """The text without secrets of such a form."""
    hint, rules = _compiled()
    if not hint.search(text):
        return text
    new = text
    for pattern, replacement in rules:
        new = pattern.sub(replacement, new)
    return text if new == text else new


@cache
def _compiled() -> tuple[Any, tuple[tuple[Any, str], ...]]:
    import re2  # type: ignore[import-untyped]  # no stubs; only redaction pays for it

    return re2.compile(_HINT), tuple((re2.compile(pattern), replacement) for pattern, replacement in _RULES)
