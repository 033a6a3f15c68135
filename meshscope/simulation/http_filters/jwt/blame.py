"""Whose tokens were wanted where a requirement fails, in the reason of the step: the providers with their issuers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from meshscope.xds.jwt_authn import JwtProvider

_ISSUER = re.compile(r"\(issuer '([^']+)'\)")


def in_words(blamed: Iterable[JwtProvider], providers: Mapping[str, JwtProvider]) -> str:
    """`provider origins-0 (issuer 'https://…')`; "" where no provider is to blame."""
    found = [f"{name} (issuer '{one.issuer}')" for name, one in providers.items() if any(one is b for b in blamed)]
    return f"provider{'s' if len(found) > 1 else ''} {', '.join(found)}" if found else ""


def issuers_in(because: str) -> tuple[str, ...]:
    """The issuers in a reason that was made so."""
    return tuple(dict.fromkeys(_ISSUER.findall(because)))
