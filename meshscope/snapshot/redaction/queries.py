"""Private parts of an access log line: the query of a path, cookies, sessions."""

from __future__ import annotations

import re

from meshscope.snapshot.redaction.sensitive import REDACTED

_PATH = re.compile(r"^((?:https?:/)?/[^\s?\"]*\?)(?!\[redacted\]$)\S+$")
_IN_LINE = re.compile(r"((?<![^\s\"'])(?:https?:/)?/[^\s?\"]*\?)(?!\[redacted\])[^\s\"]+")
_COOKIES = re.compile(r"\"[^\"=\s;]+=[^\";]*(?:; ?[^\"=;\s]+=[^\";]*)+;?\"")
_CLIENT_CERTIFICATE = re.compile(r"\"(?:By|Hash|Cert|Chain|Subject|URI|DNS)=", re.IGNORECASE)
_SESSION = re.compile(r"(?i)\b([\w.-]*(?:session|sess_?id|sid|auth)[\w.-]*=)(?!\[redacted\])[^\s\";,&]+")


def without_query(text: str) -> str:
    """A path or URL without its query."""
    return _PATH.sub(rf"\1{REDACTED}", text) if "?" in text else text


def redacted_line(line: str) -> str:
    """A line of text without queries, cookies and sessions; XFCC, which looks like a cookie, stays."""
    line = _IN_LINE.sub(rf"\1{REDACTED}", line)
    line = _COOKIES.sub(lambda found: found[0] if _CLIENT_CERTIFICATE.match(found[0]) else f'"{REDACTED}"', line)
    return _SESSION.sub(rf"\1{REDACTED}", line)
