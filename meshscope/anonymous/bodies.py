"""The body of a document under pseudonyms: JSON texts one by one, YAML as JSON, plain text as a whole.

Certificates are removed entirely (their names, keys and serial numbers would reveal the owner), and so are key sets, Lua
programs, the texts of direct responses and command lines.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import blake2b
from typing import Any

from meshscope.anonymous.name_collection import SHORTEST_EMBEDDED_JSON
from meshscope.anonymous.pseudonyms import Pseudonyms
from meshscope.location import Document
from meshscope.redaction.bodies import TEXTS
from meshscope.redaction.fields import Form, form_of, plain
from meshscope.redaction.key_sets import REDACTED_BASE64, is_key_set
from meshscope.redaction.manifests import ENVOYS_FILES, PROXY_CONFIG
from meshscope.redaction.name_keys import EMBEDDED_YAML, LABEL_KEYS, MATCHER_KEYS, NAME_MAPS
from meshscope.redaction.numbers import FAILURES, decoded, encoded
from meshscope.redaction.slices import Slices
from meshscope.redaction.stand_ins import WHOLE
from meshscope.snapshot.json_text import YAML_PREAMBLE, GarbledError, values_of
from meshscope.snapshot.sensitive import REDACTED

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)
_PEM_IN_BASE64 = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/_-]{10,}={0,2}")
_YAML = YAML_PREAMBLE + rb"(?:---|- |[\"']?[\w@./-]+[\"']?:(?:\s|$))"
_FINGERPRINTS = frozenset({
    "serial_number", "serialNumber", "verify_certificate_hash", "verifyCertificateHash", "verify_certificate_spki",
    "verifyCertificateSpki",
})  # fmt: skip
"""Values by which a certificate can be found in public logs."""
_BYTES = frozenset({"inlinebytes", "rawvalue"})
_OPAQUE_KEYS = frozenset({"inline_code", "inlineCode", "inline_string", "inlineString", "args", "command"})
"""Programs, pages and command lines, whose content is unpredictable. Formats (`%REQ(x)%`) are configuration and stay."""
_PATTERNS = frozenset({"match", "pattern"})
"""Keys of regular expressions besides those of matchers: of a rewrite, of a definition's schema."""
_BY_NAME = frozenset({"headers", "withoutheaders", "queryparams", "set", "add"})
"""Maps by the name of a header or a query parameter."""
_TIME_OR_NUMBER = re.compile(
    r"-?[0-9]+(?:\.[0-9]+)?[a-zµ%]{0,2}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[-+][0-9:]+)?"
)
_FORMAT = re.compile(r"%[A-Z_]+(?:\([^)]*\))?(?::\d+)?%")


class AnonymousBodies:
    """The bodies of one snapshot; equal parts are rewritten once."""

    def __init__(self, names: Pseudonyms, key: bytes) -> None:
        self._names = names
        self._key = key
        self._texts: dict[str, str] = {}
        self._slices = Slices(self._slice, _below, names.key)

    def anonymous(self, document: Document, kind: str) -> bytes:
        """Raises GarbledError for malformed JSON or YAML."""
        body = document.body
        if document.failure or not body.strip():
            return body
        is_text = kind == "access_log" or (kind in TEXTS and not document.is_json)
        if not is_text and (document.is_json or re.match(_YAML, body)):
            try:
                values = values_of(document)
                if document.is_json or any(memoryview(value)[0] in b"{[" for value in values):
                    return b"\n".join(bytes(self._slices.rewritten(value, "")) for value in values)
            except FAILURES as error:
                raise GarbledError(" ".join(str(error).split())) from None
        return "\n".join(map(self._line, body.decode("utf-8", "replace").split("\n"))).encode()

    def _slice(self, body: bytes, under: str) -> tuple[bytes, None]:
        return encoded(self.value(decoded(body), under)), None

    def value(self, value: Any, under: str = "") -> Any:
        if isinstance(value, str):
            return self._text(value, under)
        if isinstance(value, list):
            return [self.value(item, "" if _is_by_name(under) and isinstance(item, dict) else under) for item in value]
        if isinstance(value, dict):
            if is_key_set(value):
                return REDACTED
            return {self._renamed(key, member, under): self.value(member, key) for key, member in value.items()}
        return value

    def _renamed(self, key: str, member: Any, under: str) -> str:
        is_name = _is_by_name(under) and (under not in LABEL_KEYS or isinstance(member, str))
        return self._names.text(key) if is_name else self._names.key(key)

    def _line(self, line: str) -> str:
        if line.lstrip().startswith("{"):
            try:
                return encoded(self.value(decoded(line.encode()))).decode()
            except FAILURES:
                return REDACTED
        before, key, flags = line.partition("::health_flags::")
        return self._names.line(_without_certificates(before)) + key + self._names.setting(flags)

    def _text(self, text: str, under: str) -> str:
        if under in _FINGERPRINTS:
            return self._fingerprint(text)
        if plain(under) in _BYTES:
            return self._base64(text)
        if under in _OPAQUE_KEYS and _is_opaque(text):
            return text if WHOLE.fullmatch(text) else REDACTED
        is_done = text == REDACTED or WHOLE.fullmatch(text) or _TIME_OR_NUMBER.fullmatch(text)
        return text if is_done else self._renamed_text(text, under)

    def _renamed_text(self, text: str, under: str) -> str:
        if MATCHER_KEYS.get(under) == "regex" or under in _PATTERNS:
            return self._names.pattern(text)
        is_constant = under == "operation" and text.isupper()  # of a patch; a decorator's is a host
        if is_constant or form_of(plain(under)) is Form.WORD:
            return self._names.setting(text)
        if under in EMBEDDED_YAML or under == PROXY_CONFIG or any(word in text for word in ENVOYS_FILES):
            return self._embedded(text, is_document=True)
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = self._embedded(text)
        return known

    def _embedded(self, text: str, *, is_document: bool = False) -> str:
        """A text, which may be JSON; `is_document`: it may be YAML as well."""
        if is_document or (text[:1] in ("{", "[") and len(text) > SHORTEST_EMBEDDED_JSON):
            body = text.encode("utf-8", "replace")
            try:
                values = [decoded(one) for one in values_of(Document.of("", body))] if is_document else [decoded(body)]
            except (GarbledError, *FAILURES):
                values = []
            if len(values) == 1 and isinstance(values[0], (dict, list)):
                new = self.value(values[0])
                return new if isinstance(new, str) else encoded(new).decode()
        return self._names.text(_without_certificates(text))

    def _base64(self, text: str) -> str:
        try:
            plain = b64decode(text, validate=True).decode()
        except ValueError:
            return REDACTED_BASE64
        if not plain or _is_opaque(plain):
            return REDACTED_BASE64 if plain else text
        return b64encode(self._embedded(plain).encode()).decode()

    def _fingerprint(self, text: str) -> str:
        """Another fingerprint of the same length; a number stays a number."""
        if not text:
            return text
        digest = blake2b(text.encode(), key=self._key[:64], digest_size=64).digest()
        if text.isdigit():
            return str(int.from_bytes(digest, "big") % 10 ** len(text)).rjust(len(text), "1")
        return digest.hex()[: len(text)]


def _below(_under: str, key: str) -> str | None:
    """The key above a member; None for a map of names, which is rewritten as a whole."""
    return None if _is_by_name(key) else key


def _is_by_name(key: str) -> bool:
    """Whether the keys of the object below a key are names."""
    return key in NAME_MAPS or key in LABEL_KEYS or plain(key) in _BY_NAME


def _is_opaque(text: str) -> bool:
    return bool(text) and text[:1] not in ("{", "[") and not _FORMAT.search(text)


def _without_certificates(text: str) -> str:
    if "LS0tLS1CRUdJTi" in text:
        text = _PEM_IN_BASE64.sub(REDACTED_BASE64, text)
    return _PEM.sub(REDACTED, text) if "-----BEGIN" in text else text
