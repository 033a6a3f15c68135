"""One text at one place: kept, cleaned, replaced by a stand-in, or replaced by `[redacted]`."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import Counter
from fnmatch import translate
from typing import Any

from meshscope.redaction.fields import NUMERIC, Form, form_of, is_word
from meshscope.redaction.headers import is_public, is_public_claim
from meshscope.redaction.key_sets import REDACTED_BASE64, REDACTED_HEX, public_bytes, public_source
from meshscope.redaction.numbers import FAILURES, decoded, encoded
from meshscope.redaction.place import (
    CLAIM,
    CREDENTIAL,
    FIELD,
    HEADER,
    NUMBERS,
    PAYLOAD,
    PLUGIN,
    QUERY,
    SOURCE,
    UNKNOWN_TYPE,
    Place,
)
from meshscope.redaction.stand_ins import FORMAT, WHOLE, StandIns
from meshscope.redaction.texts import redacted_text
from meshscope.snapshot.sensitive import REDACTED

LONGEST_NAME = 1024
"""Characters; a longer text is no name. Envoy's and Kubernetes' names end long before."""
_NAME = re.compile(r"[^\"\n\r<>{}]*+")
_EQUAL = frozenset({PLUGIN, UNKNOWN_TYPE, SOURCE})
"""Kinds of texts that stay equal where they were: what an object asks for is compared with what a proxy has."""
_KIND_OF_FORM: dict[Form | None, str] = {Form.BYTES: SOURCE, Form.SOURCE: SOURCE, Form.BEGINNING: HEADER}
_GONE = frozenset({"", REDACTED, REDACTED_BASE64, REDACTED_HEX})
_SWITCHES = frozenset({"true", "false"})
_IN_BASE64 = frozenset({"inlinebytes", "rawvalue", "binary", "bytesvalue"})
_COOKIES = frozenset({"cookie", "set-cookie"})
_PATTERNS = frozenset({"regex", "saferegex", "regexmatch", "saferegexmatch", "googlere2"})
_KEPT_TEXTS = 50_000


class Values:
    """`keep` are patterns of names whose values are let through. `count` is what was replaced since it was last set."""

    def __init__(self, stand_ins: StandIns, keep: tuple[str, ...] = ()) -> None:
        self.stand_ins = stand_ins
        self.count: Counter[str] = Counter()
        self._keep = [re.compile(translate(pattern.lower())) for pattern in keep]
        self._known: dict[tuple[str, Place], tuple[str, str]] = {}

    def text(self, text: str, place: Place) -> str:
        """The same object where nothing is replaced."""
        if text in _GONE or (text.startswith(REDACTED) and WHOLE.fullmatch(text)):
            return text
        known = self._known.get((text, place))
        if known is None:
            if len(self._known) >= _KEPT_TEXTS:
                self._known.clear()
            new, kind = (text, "") if self.keeps(place.name) else self._new(text, place)
            known = self._known[text, place] = (text, "") if new == text else (new, kind)
        if known[1]:
            self.count[known[1]] += 1
        return text if known[0] == text else known[0]

    def keeps(self, name: str) -> bool:
        """Whether the user lets the value of a name through."""
        return any(pattern.match(name.lower()) for pattern in self._keep)

    def header(self, name: str, value: str) -> str:
        """The value of a request's header, as a matcher of the redacted snapshot compares with it."""
        return self.text(value, Place(name=name, kind=HEADER, is_compared=True))

    def claims(self, value: Any, name: str = "") -> Any:
        """The claims of a token, or dynamic metadata, of a request."""
        if isinstance(value, dict):
            return {key: self.claims(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.claims(one, name) for one in value]
        return self.text(value, Place(name=name, kind=CLAIM, is_compared=True)) if isinstance(value, str) else value

    def path(self, path: str, *, is_asked: bool = True) -> str:
        """A path with stand-ins for the values of its query; a parameter without a value stays only in what is asked."""
        before, mark, query = path.partition("?")
        return before + mark + "&".join(self._parameter(pair, is_asked) for pair in query.split("&")) if mark else path

    def _parameter(self, pair: str, is_asked: bool) -> str:
        name, mark, value = pair.partition("=")
        if not mark and not is_asked:
            name, mark, value = "", "", pair
        return f"{name}{mark}{self.text(value, Place(name=name, kind=QUERY, is_compared=True))}" if value else pair

    def _new(self, text: str, place: Place) -> tuple[str, str]:
        """The new text and the kind of what was replaced."""
        if place.is_compared:
            return self._compared(text, place)
        if place.kind:
            return self._free(text, place), place.kind
        if NUMERIC.fullmatch(text):
            return text, ""
        if FORMAT.search(text):
            return self._format(text), FIELD
        form = form_of(place.key)
        if form in (Form.NAME, Form.HOST, Form.PATH):
            return self._name(text, form, place)
        return self._of_form(text, form), _KIND_OF_FORM.get(form, FIELD)

    def _of_form(self, text: str, form: Form | None) -> str:
        if form is Form.BEGINNING:
            return self.stand_ins.text(text)
        if form is Form.BYTES:
            return public_bytes(text)
        if form is Form.SOURCE and (public := public_source(text)) is not None:
            return public
        is_reference = form is None and text.startswith("/apis/")  # to an object of Kubernetes
        if (form is Form.WORD or is_reference) and is_word(text) and redacted_text(text) is text:
            return text
        return self._format(text)

    def _format(self, text: str) -> str:
        """The operators of a format, which may be JSON, and its keys; nothing of another text."""
        if not FORMAT.search(text):
            return self.stand_ins.whole(text)
        try:
            value = decoded(text.encode("utf-8", "replace")) if text.startswith("{") else None
        except FAILURES:
            value = None
        if not isinstance(value, dict):
            return self.stand_ins.text(text)
        new = {key: self._format(one) if isinstance(one, str) else REDACTED for key, one in value.items()}
        return text if new == value else encoded(new).decode()

    def _compared(self, text: str, place: Place) -> tuple[str, str]:
        if self._is_public(place):
            return self._name(text, Form.PATH if text.startswith("/") else Form.NAME, place)
        if place.key in _IN_BASE64:
            return self._in_base64(text), place.kind
        is_cookie = place.name.lower() in _COOKIES
        if place.key in _PATTERNS:
            return self.stand_ins.pattern(text, is_cookie=is_cookie), place.kind
        return self.stand_ins.text(text, is_cookie=is_cookie), place.kind

    def _in_base64(self, text: str) -> str:
        try:
            return b64encode(self.stand_ins.text(b64decode(text, validate=True).decode()).encode()).decode()
        except ValueError:
            return REDACTED_BASE64

    def _is_public(self, place: Place) -> bool:
        if place.kind == CLAIM:
            return is_public_claim(place.name)
        return is_public(place.name) or (place.kind == HEADER and self.stand_ins.is_naming(place.name))

    def _free(self, text: str, place: Place) -> str:
        if text in _SWITCHES or (place.kind == NUMBERS and NUMERIC.fullmatch(text)):
            return text
        if place.key in _IN_BASE64:
            return REDACTED_BASE64
        if place.kind in _EQUAL:
            return self.stand_ins.whole(text)
        return REDACTED_HEX if place.kind == PAYLOAD and place.key == "text" else REDACTED

    def _name(self, text: str, form: Form, place: Place) -> tuple[str, str]:
        """A name, a host or a path: a stand-in where it does not look like one, or still shows a secret without its query."""
        new, kind = text, FIELD
        if place.key in _PATTERNS:
            before, mark, query = text.partition("\\?")
            new, kind = before + mark + self.stand_ins.pattern(query), QUERY
        elif "?" in text:
            new, kind = self.path(text, is_asked=False), QUERY
        user, at, rest = new.rpartition("@")
        scheme, _, user = user.rpartition("://")
        if at and form is Form.HOST and ":" in user and not rest.startswith(("sha256:", "sha512:")):
            new, kind = f"{scheme}{'://' if scheme else ''}{REDACTED}@{rest}", CREDENTIAL
        is_path = form is Form.PATH and "/" in text[:4]
        if (len(text) > LONGEST_NAME and not is_path) or (form is not Form.PATH and not _NAME.fullmatch(text)):
            return self.stand_ins.text(text), FIELD
        rest = new.partition("?")[0]  # the query has stand-ins already
        return (new, kind) if redacted_text(rest) is rest else (self.stand_ins.text(text), FIELD)
