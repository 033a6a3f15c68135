"""The body of a document under pseudonyms: JSON texts one by one, YAML as JSON, plain text as a whole.

Certificates are removed entirely (their names, keys and serial numbers would reveal the owner), and so are key sets, Lua
programs, the texts of direct responses and command lines.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import blake2b
from typing import Any

from meshscope.anonymous.name_collection import SHORTEST_EMBEDDED_JSON, under_item
from meshscope.anonymous.pseudonyms import Pseudonyms
from meshscope.location import Document
from meshscope.redaction.fields import plain
from meshscope.redaction.key_sets import REDACTED_BASE64, is_key_set
from meshscope.redaction.name_keys import NAME_MAPS
from meshscope.redaction.numbers import FAILURES, decoded, encoded
from meshscope.redaction.slices import Slices
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
_FORMAT = re.compile(r"%[A-Z_]+(?:\([^)]*\))?(?::\d+)?%")


class AnonymousBodies:
    """The bodies of one snapshot; equal parts are rewritten once."""

    def __init__(self, names: Pseudonyms, key: bytes) -> None:
        self._names = names
        self._key = key
        self._texts: dict[str, str] = {}
        self._slices = Slices(self._slice, lambda under, key: key, names.key)

    def anonymous(self, document: Document) -> bytes:
        """Raises GarbledError for malformed JSON or YAML."""
        body = document.body
        if document.failure or not body.strip():
            return body
        if document.is_json or re.match(_YAML, body):
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
            return [self.value(item, under_item(under, item)) for item in value]
        if isinstance(value, dict):
            if is_key_set(value):
                return REDACTED
            rename = self._names.text if under in NAME_MAPS else self._names.key
            return {rename(key): self.value(member, key) for key, member in value.items()}
        return value

    def _line(self, line: str) -> str:
        if line.lstrip().startswith("{"):
            try:
                return encoded(self.value(decoded(line.encode()))).decode()
            except FAILURES:
                return REDACTED
        return self._names.text(_without_certificates(line))

    def _text(self, text: str, under: str) -> str:
        if under in _FINGERPRINTS:
            return self._fingerprint(text)
        if plain(under) in _BYTES:
            return self._base64(text)
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = self._embedded(text)
        return REDACTED if under in _OPAQUE_KEYS and _is_opaque(text) else known

    def _embedded(self, text: str) -> str:
        if text[:1] in ("{", "[") and len(text) > SHORTEST_EMBEDDED_JSON:
            try:
                value = decoded(text.encode("utf-8", "replace"))
            except FAILURES:
                value = None
            if isinstance(value, (dict, list)):
                new = self.value(value)
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


def _is_opaque(text: str) -> bool:
    return bool(text) and text[:1] not in ("{", "[") and not _FORMAT.search(text)


def _without_certificates(text: str) -> str:
    if "LS0tLS1CRUdJTi" in text:
        text = _PEM_IN_BASE64.sub(REDACTED_BASE64, text)
    return _PEM.sub(REDACTED, text) if "-----BEGIN" in text else text
