r"""`regex_rewrite`: RE2's GlobalReplace, with `\0` … `\9` for groups and `\\` for a backslash.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/regex.proto#type-matcher-v3-regexmatchandsubstitute
An empty match right behind another match is skipped, which Python's own substitution does not do.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from meshscope.xds.route_action import RegexMatchAndSubstitute

_ESCAPE = r"(?s)\\(.?)"


class RegexRewrite:
    """A compiled rewrite. `why` says why the pattern does not compile ("" if it does); then nothing is replaced."""

    def __init__(self, rewrite: RegexMatchAndSubstitute) -> None:
        import re2  # type: ignore[import-untyped]  # no stubs; only who meets a regex pays for RE2

        self.why = ""
        self._substitution = rewrite.substitution
        self._groups = max(
            (int(sign) for sign in re.findall(_ESCAPE, rewrite.substitution) if sign.isdecimal()), default=0
        )
        self._pattern: Any = None
        try:
            self._pattern = re2.compile(rewrite.pattern.regex)
        except re2.error as error:
            self.why = f"regex {rewrite.pattern.regex!r}: {error}"

    def replace_all(self, text: str) -> str:
        """Every match replaced. Text without a match is returned as it is."""
        if self._pattern is None or self._groups > self._pattern.groups:
            return text
        pieces: list[str] = []
        position, last_end = 0, -1
        while position <= len(text) and (match := self._pattern.search(text, position)):
            pieces.append(text[position : match.start()])
            if match.start() == match.end() == last_end:
                pieces.append(text[match.end() : match.end() + 1])
                position = match.end() + 1
                continue
            pieces.append(re.sub(_ESCAPE, partial(_expanded, match), self._substitution))
            position = last_end = match.end()
        return "".join(pieces) + text[position:]


def _expanded(match: Any, sign: re.Match[str]) -> str:
    if sign[1].isdecimal():
        return match[int(sign[1])] or ""
    return "\\" if sign[1] == "\\" else ""
