"""A recording that another run goes on with: document by document, its new ones take the place of the older ones.

Invariant: what the recording holds stays, file by file and byte by byte, unless the run gave the same document anew; so do
files that the recording does not name. A run that fails, or is killed, changes nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.snapshot import naming
from meshscope.snapshot.assembling import assembled
from meshscope.snapshot.cleaning import clean
from meshscope.snapshot.manifest import Manifest, ManifestError, RecordedDocument, decoded
from meshscope.snapshot.member import MANIFEST, Listing, Member
from meshscope.snapshot.packing import pack
from meshscope.snapshot.reading import WORDS, listing_of
from meshscope.snapshot.recording import recorded_files, recording_folder
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot
from meshscope.work import UNFOLLOWED, Work

_Key = tuple[str, ProxyId | None, str] | str
"""A server's kind of document, or the name of any other document."""


class Earlier(Struct, frozen=True):
    """A recording that is there: what it holds, its manifest, and its files by their paths beside the manifest."""

    snapshot: Snapshot
    manifest: Manifest
    files: Mapping[str, Member]


def earlier_recording(out: Path, work: Work = UNFOLLOWED) -> Earlier:
    """Raises UsageError for anything that is no recording: it would not be there any more; and for one that is redacted, into
    which the new documents would come with their secrets.
    """
    try:
        listing, inside = _opened(out, work)
        earlier = Earlier(assembled(listing, str(out)), decoded(clean(inside[MANIFEST].load())), inside)
    except (ManifestError, OSError) as error:
        raise UsageError(f"cannot resume {out}: {error}; name a recording, or something that does not exist") from None
    if earlier.manifest.replaced:
        raise UsageError(f"cannot resume {out}: it is redacted, and --resume adds documents as they are")
    return earlier


def _opened(out: Path, work: Work) -> tuple[Listing, dict[str, Member]]:
    """What lies there, and its files by their paths beside the manifest. Raises ManifestError, OSError."""
    is_around = out.is_dir() and not (out / MANIFEST).is_file()  # perhaps a ring of recordings, or a folder around one
    listing = Listing() if is_around else listing_of(str(out), work)
    files = {member.path: member for member in listing.members}
    folder = recording_folder(files)
    if folder is None:
        raise ManifestError(f"it has no {MANIFEST}")
    return listing, {path.removeprefix(folder): member for path, member in files.items()}


def resume_recording(earlier: Earlier, snapshot: Snapshot, out: Path) -> None:
    """Writes the recording anew, with the snapshot in it. Raises UsageError; then it is as it was."""
    there = {id(one.document) for one in earlier.snapshot.captured}
    new = [one for one in snapshot.captured if id(one.document) not in there]
    replaced, less = _compared(earlier.manifest.documents, new)
    kept = tuple(one for one in earlier.manifest.documents if id(one) not in replaced)
    gone = {MANIFEST, *(one.path for one in earlier.manifest.documents)} - {one.path for one in kept}
    problems = () if set(earlier.manifest.sources) <= set(snapshot.sources) else earlier.manifest.problems
    manifest = replace(
        earlier.manifest,
        documents=kept,
        problems=tuple(problem for problem in problems if problem.document not in gone),
    )
    added = replace(
        snapshot,
        captured=tuple(one for one in new if id(one) not in less),
        problems=(*snapshot.problems, *(_failure(one) for one in new if id(one) in less and one.document.failure)),
    )
    pack(_files(earlier, gone, manifest, added), out, goes=lambda path: path in gone)


def _files(earlier: Earlier, gone: set[str], manifest: Manifest, snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    staying = {path: member for path, member in earlier.files.items() if path not in gone}
    for path, member in staying.items():
        yield path, member.load()
    taken = (*staying, *(one.path for one in manifest.documents))
    yield from recorded_files(snapshot, manifest, taken, is_named=True)


def _compared(earlier: Iterable[RecordedDocument], new: Iterable[Captured]) -> tuple[set[int], set[int]]:
    """The ids of the entries that new documents replace, and of those new ones that are less than what is there.

    Parts of one document (pages, sections of a dump) go together, and not for fewer parts than there were.
    """
    entries: dict[_Key, list[RecordedDocument]] = defaultdict(list)
    for entry in earlier:
        for key in (_by_server(entry.kind, entry.proxy, entry.istiod or ""), _by_name(entry.name or "")):
            if key is not None:
                entries[key].append(entry)
    documents: dict[_Key, list[Captured]] = defaultdict(list)
    for one in new:
        documents[_key(one)].append(one)
    replaced: set[int] = set()
    less: set[int] = set()
    for key, parts in documents.items():
        before = entries.get(key, ())
        captured = sum(map(_is_captured, parts))
        if captured == len(parts) or captured >= sum(not entry.error for entry in before):
            replaced.update(map(id, before))
        else:
            less.update(map(id, parts))
    return replaced, less


def _failure(one: Captured) -> Problem:
    return Problem(one.document.name, one.document.failure)


def _is_captured(one: Captured) -> bool:
    one.document.transient_body()  # what cannot be read is known only then
    return not one.document.failure


def _key(one: Captured) -> _Key:
    is_live = naming.is_live(naming.split_name(one.source, WORDS)[1])
    by_server = _by_server(one.kind, one.owner, one.istiod) if is_live else None
    return by_server or _by_name(one.document.name) or ""


def _by_server(kind: str, owner: ProxyId | None, istiod: str) -> _Key | None:
    return (kind, owner, istiod) if owner or istiod else None


def _by_name(name: str) -> str | None:
    """Without the number of a page: a shorter list has fewer of them."""
    return re.sub(r" \(page \d+\)$", "", name) or None
