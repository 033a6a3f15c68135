"""Files without a manifest are told apart by their mesh, so that a recording of them needs no telling apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshscope.envoy.resource import CLUSTER
from meshscope.mesh.labelling import labelled
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.manifest import decoded
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.snapshot import ProxyId, Snapshot

from .meshes import bootstrap, captured, clusters, dump, static

RECORDINGS = Path(__file__).parents[2] / "recordings"


@pytest.mark.parametrize("name", ["bookinfo", "bookinfo-v2", "website"])
def test_every_document_gets_the_kind_and_owner_that_its_recording_knows(name: str, tmp_path: Path) -> None:
    known = {one.path: one for one in decoded((RECORDINGS / name / "meshscope.json").read_bytes()).documents}
    for path in known:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((RECORDINGS / name / path).read_bytes())
    found = labelled(open_snapshot(str(tmp_path)))
    paths = [str(Path(one.document.name).relative_to(tmp_path)) for one in found.captured]
    assert sorted(paths) == sorted(known)
    for path, one in zip(paths, found.captured, strict=True):
        assert (path, one.kind, one.owner, one.istiod) == (
            path,
            known[path].kind,
            known[path].proxy,
            known[path].istiod or "",
        )


def test_a_lone_dump_is_laid_out_by_its_proxy(tmp_path: Path) -> None:
    lone = dump(bootstrap(), clusters(static("a", "10.0.0.1:80")), name="some.json")
    write_recording(labelled(Snapshot((lone,))), tmp_path / "out")
    (one,) = decoded((tmp_path / "out" / "meshscope.json").read_bytes()).documents
    assert (one.path, one.kind) == ("proxies/default/pod-1/config_dump.json", "config_dump")
    assert Mesh(open_snapshot(str(tmp_path / "out"))).proxies[0].id == ProxyId("", "default", "pod-1")


def test_a_pasted_issue_opens_again(tmp_path: Path) -> None:
    (tmp_path / "issue.md").write_text(
        "It breaks:\n\n```yaml\nstatic_resources:\n  clusters:\n  - name: a\n```\n", encoding="utf-8"
    )
    write_recording(labelled(open_snapshot(str(tmp_path / "issue.md"))), tmp_path / "out")
    (one,) = decoded((tmp_path / "out" / "meshscope.json").read_bytes()).documents
    assert (one.path, one.kind) == ("documents/issue.md", "markdown")
    (proxy,) = Mesh(open_snapshot(str(tmp_path / "out"))).proxies
    assert (proxy.name, [cluster.name for cluster in proxy.resources(CLUSTER)]) == ("issue", ["a"])


def test_what_nobody_knows_stays_as_it_is() -> None:
    prose = captured("README.md", "# Nothing\n\nto see\n", source="folder")
    assert labelled(Snapshot((prose,))).captured == (prose,)
