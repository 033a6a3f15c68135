"""The files of a source -> its snapshot: by the manifest of a recording, else by the layout.

Invariant: every file is captured, or a problem names it, or it is not a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from meshscope.snapshot.cleaning import EMPTY, clean
from meshscope.snapshot.layout import Hints, hints, log_owners, typed_hints
from meshscope.snapshot.manifest import ManifestError, UnknownFormatError, decoded, is_manifest
from meshscope.snapshot.member import MANIFEST, Listing, Member, limited_problems, most_unfolded
from meshscope.snapshot.member_text import Budget, MemberDocument, MemberText
from meshscope.snapshot.recording import read_recording, recording_folder
from meshscope.snapshot.snapshot import Captured, Problem, Snapshot


def assembled(listing: Listing, source: str, mesh_cluster: str = "") -> Snapshot:
    """`source` as the user typed it; `mesh_cluster` is the name that the user gave it."""
    budget = Budget(most_unfolded(listing.stored))
    files = {member.path: member for member in listing.members}
    folder = recording_folder(files)
    if folder is None:
        found = _by_layout(files.values(), source, mesh_cluster, budget)
    else:
        found = _by_manifest(files, folder, source, mesh_cluster, budget)
    problems = listing.problems + found.problems
    if not found.captured and not problems:
        problems = (Problem(source, "no text in it"),)
    return Snapshot(found.captured, problems, (source,), found.captured_at, found.replaced)


def _by_manifest(files: Mapping[str, Member], folder: str, source: str, mesh_cluster: str, budget: Budget) -> Snapshot:
    """The files that the manifest names, then the others. Without a sound manifest, all files by their layout."""
    member = files[folder + MANIFEST]
    others = dict(files)
    try:
        text = clean(member.load())
        if not is_manifest(text):
            return _by_layout(files.values(), source, mesh_cluster, budget)
        del others[folder + MANIFEST]
        manifest = decoded(text)
    except UnknownFormatError as error:
        return Snapshot((), (Problem(member.name, str(error)),))
    except (ManifestError, OSError) as error:
        problem = Problem(member.name, f"{error}; the files are read without it")
        return Snapshot((), (problem,)) + _by_layout(others.values(), source, mesh_cluster, budget)
    inside = {path.removeprefix(folder): one for path, one in files.items()}
    base = member.name.removesuffix(MANIFEST)
    recorded = read_recording(manifest, inside, base, budget, source=source, mesh_cluster=mesh_cluster)
    for one in manifest.documents:
        others.pop(folder + one.path, None)
    return recorded + _by_layout(others.values(), source, mesh_cluster, budget)


def _by_layout(members: Iterable[Member], source: str, mesh_cluster: str, budget: Budget) -> Snapshot:
    captured: dict[str, Captured] = {}
    problems: list[Problem] = []
    for member in members:
        if member.sniffed.is_text:
            hint = hints(member.path, mesh_cluster)
            if hint == Hints():
                hint = typed_hints(member.name, mesh_cluster)
            skipped = member.sniffed.skipped_lines
            load = MemberText(member.load, budget, is_cleaned=True)
            text = MemberDocument(member.name, load, skipped_lines=skipped, stored_as=member.stored_as)
            captured[member.path] = Captured(text, "", hint.owner, hint.istiod, "", source, mesh_cluster)
        elif member.sniffed.refused and not (
            member.sniffed.refused == EMPTY and member.path.endswith((".log", ".jsonl"))
        ):
            problems.append(
                Problem(member.name, member.sniffed.refused)
            )  # an empty log is an answer: nothing was logged
    owners = [one.owner for one in captured.values() if one.owner]
    for path, owner in log_owners(captured, owners).items():
        captured[path] = replace(captured[path], owner=owner)
    return Snapshot(tuple(captured.values()), limited_problems(problems, source))
