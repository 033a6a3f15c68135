"""Recordings: a directory or an archive with a manifest (`meshscope.json`), read and written.

Invariant: what was written is read back with the same bodies, kinds, owners, times and problems. The manifest only
names files that the source itself listed, so that a hostile one reaches nothing else. Files that it does not name are
read like those of any directory; a file is compared with its checksum when it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from meshscope.location import Document
from meshscope.snapshot.manifest import FORMAT, NOTHING, Manifest, RecordedDocument, RecordedProblem, encoded
from meshscope.snapshot.member import MANIFEST, Member
from meshscope.snapshot.member_text import Budget, MemberDocument, MemberText
from meshscope.snapshot.snapshot import Captured, Problem, Snapshot
from meshscope.version import __version__


def recording_folder(files: Mapping[str, Member]) -> str | None:
    """The folder of the manifest: "" at the top, `FOLDER/` if everything is in one folder; None without a manifest."""
    if MANIFEST in files:
        return ""
    tops = {path.partition("/")[0] for path in files}
    folder = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    return folder if folder and folder + MANIFEST in files else None


def read_recording(  # noqa: PLR0913  # a recording, and how the user named it
    manifest: Manifest,
    files: Mapping[str, Member],
    base: str,
    budget: Budget,
    *,
    source: str = "",
    mesh_cluster: str = "",
) -> Snapshot:
    """The documents that a manifest names. `files` by their paths beside it; `base` + path is a document's name.

    `mesh_cluster` is for documents that have none of their own.
    """
    captured: dict[str, Captured] = {}
    problems = []
    for one in manifest.documents:
        name, member = base + one.path, files.get(one.path)
        if one.path in captured:
            problems.append(Problem(name, "the manifest names it twice: the first entry counts"))
        elif member is None and not one.error:
            problems.append(Problem(name, "the manifest names it, but it is missing"))
        elif member is None and not one.path:
            problems.append(Problem(source, one.error))
        else:
            mine = one.mesh_cluster or mesh_cluster
            owner = replace(one.proxy, mesh_cluster=one.proxy.mesh_cluster or mesh_cluster) if one.proxy else None
            document: Document = Document.lost(name, one.error)
            if member is not None:
                load = MemberText(member.load, budget, one.sha256)
                document = MemberDocument(member.name, load, stored_as=member.stored_as)
                problems.extend([Problem(name, one.error)] if one.error else ())
            captured[one.path] = Captured(
                document, one.kind, owner, one.istiod or "", one.captured_at, source, mine or ""
            )
    for problem in manifest.problems:
        known = problem.document in captured
        problems.append(Problem(base + problem.document if known else problem.document, problem.message))
    replaced = manifest.replaced or {}
    return Snapshot(tuple(captured.values()), tuple(problems), (source,), manifest.captured_at, replaced)


def write_recording(snapshot: Snapshot, out: Path, *, is_named: bool = False) -> None:
    """Writes a directory, or by the name of `out` a .tar.gz (.tgz) or a .zip; atomically, equal content as equal bytes.

    An archive that is there is replaced, a directory is not. `is_named` also writes what the documents were called at their
    sources, so that a later run can replace them one by one.

    Files and directories are the user's alone (0600, 0700): dumps hold more than their owner knows. A document without
    kind or owner goes to `documents/`; callers may add them before (`msgspec.structs.replace` on its Captured). A
    document that can't be read is noted with its error. Raises UsageError where `out` can't be written.
    """
    from meshscope.snapshot.packing import pack  # reading does not pay for the packers

    pack(recorded_files(snapshot, is_named=is_named), out)


def recorded_files(
    snapshot: Snapshot, kept: Manifest = NOTHING, taken: Iterable[str] = (), *, is_named: bool = False
) -> Iterator[tuple[str, bytes]]:
    """The files of the recording, path and bytes, one after another: never more than one of them is held in memory.

    The manifest comes last, as it knows the checksums of all. What it says besides is `kept`, the manifest of files that are
    there already; `taken` are their paths.
    """
    from meshscope.snapshot.recording_paths import RecordingPaths  # reading does not place anything

    paths = RecordingPaths(taken)
    recorded: list[RecordedDocument] = []
    named: dict[str, str] = {}
    for one in snapshot.captured:
        body = one.document.transient_body()
        path = named[one.document.name] = paths.path_of(one, body)
        recorded.append(_recorded(one, path, body, is_named=is_named))
        if not one.document.failure:
            yield path, body
    problems = [RecordedProblem(named.get(one.document, one.document), one.message) for one in snapshot.problems]
    manifest = Manifest(
        format=FORMAT,
        written_by=__version__,
        captured_at=max(kept.captured_at, snapshot.captured_at),
        sources=(*(one for one in kept.sources if one not in snapshot.sources), *snapshot.sources),
        documents=(*kept.documents, *recorded),
        problems=(*(one for one in kept.problems if one not in problems), *problems),
        replaced=dict(snapshot.replaced) or UNSET,
    )
    yield MANIFEST, encoded(manifest)


def _recorded(one: Captured, path: str, body: bytes, *, is_named: bool) -> RecordedDocument:
    error = one.document.failure
    return RecordedDocument(
        path=path,
        name=one.document.name if is_named else UNSET,
        kind=one.kind,
        proxy=one.owner,
        captured_at=one.captured_at,
        source=one.source,
        sha256="" if error else sha256(body).hexdigest(),
        bytes=len(body),
        error=error,
        istiod=one.istiod or UNSET,
        mesh_cluster=one.mesh_cluster or UNSET,
    )
