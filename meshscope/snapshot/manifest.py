"""`meshscope.json` of a recording: the kind, the owner and the time of capture of each file. Format 1.

Every format has a number. `STEPS` has a function for each older format that converts it to the next one, so that a recording of
any age is read by a chain of small steps and all other code knows the newest format alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from meshscope.snapshot.snapshot import ProxyId
from meshscope.typed import Typed

FORMAT = 1
Step = Callable[[dict[str, Any]], dict[str, Any]]
STEPS: Mapping[int, Step] = {}


class RecordedDocument(Typed, frozen=True, kw_only=True):
    """A file of the recording, or, with `error` and without `path`, an answer that could not be captured.

    `from` is the source as it was typed when recording, `name` what the document was called there: both say whether a later
    run asks for the same one. `sha256` (hexadecimal) and `bytes` are of the file.
    """

    path: str = ""
    kind: str = ""
    proxy: ProxyId | None = None
    captured_at: str = ""
    source: str = msgspec.field(name="from", default="")
    sha256: str = ""
    bytes: int = 0
    error: str = ""
    name: str | UnsetType = UNSET
    istiod: str | UnsetType = UNSET
    mesh_cluster: str | UnsetType = UNSET


class RecordedProblem(Typed, frozen=True):
    """A problem of the capture; `document` is a path of the recording or the name that the document had."""

    document: str = ""
    message: str = ""


class Manifest(Typed, frozen=True, kw_only=True):
    """`written_by` is the version of meshscope; those of Envoy and Istio stand in the documents.

    `replaced` is what a redaction replaced: the number of values by their kind.
    """

    format: int
    written_by: str = ""
    captured_at: str = ""
    sources: tuple[str, ...] = ()
    documents: tuple[RecordedDocument, ...] = ()
    problems: tuple[RecordedProblem, ...] = ()
    replaced: dict[str, int] | UnsetType = UNSET


NOTHING = Manifest(format=FORMAT)
"""The manifest of a recording without documents."""


class ManifestError(Exception):
    """The manifest cannot be read; the message is one clear line."""


class UnknownFormatError(ManifestError):
    """A manifest of an unknown format. The meaning of its files is unknown too."""


class _Versioned(Typed, frozen=True):
    format: int


def is_manifest(text: bytes) -> bool:
    """Whether a text has the number of a format."""
    try:
        msgspec.json.decode(text, type=_Versioned)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def decoded(text: bytes, steps: Mapping[int, Step] = STEPS, newest: int = FORMAT) -> Manifest:
    """The manifest in the newest format. Raises ManifestError."""
    try:
        number = msgspec.json.decode(text, type=_Versioned).format
        if number == newest:
            return msgspec.json.decode(text, type=Manifest)
        tree = msgspec.json.decode(text)
        while number < newest and number in steps:
            tree, number = steps[number](tree), number + 1
        if number != newest:
            raise UnknownFormatError(f"a recording of format {number}; this version reads up to {newest}")
        return msgspec.convert(tree, Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ManifestError(f"not a recording's manifest: {error}") from None
    except RecursionError:
        raise ManifestError("not a recording's manifest: nested too deeply") from None


def encoded(manifest: Manifest) -> bytes:
    """Readable and byte for byte the same for equal manifests."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
