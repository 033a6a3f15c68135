from __future__ import annotations

import gc
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, SECRET
from meshscope.errors import CancelledError, UnreadableError
from meshscope.location import Document
from meshscope.mesh.account import ENVOY, ISTIOD
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot
from meshscope.work import Work

from .. import meshes
from ..meshes import (
    GATEWAY,
    NGINX,
    PILOT,
    WEBSITE,
    assignment,
    bootstrap,
    captured,
    clusters,
    dump,
    eds,
    endpoints,
    mesh_of,
    owner,
    proxy_of,
    recorded,
    static,
    unlabelled,
)

ISTIODS = {"@type": meshes.ADMIN + "BootstrapConfigDump"}
CAMEL = {"@type": meshes.ADMIN + "ClustersConfigDump", "dynamicActiveClusters": [{"cluster": {"name": "istiods"}}]}


def istiods(name: str = "istiod.json", **fields: Any) -> Captured:
    return captured(name, {"configs": [ISTIODS, CAMEL]}, **fields)


@pytest.mark.parametrize("mesh", [recorded, unlabelled])
def test_a_recording_gives_its_proxies_with_both_views_and_what_lies_beside(mesh: object) -> None:
    found = mesh(WEBSITE)  # type: ignore[operator]  # one of the two functions above
    assert [proxy.name for proxy in found.proxies] == [NGINX, GATEWAY]
    for proxy in found.proxies:
        assert set(proxy.accounts) == {ENVOY, ISTIOD}
        assert {"clusters", "listeners", "server_info", "certs"} <= set(proxy.answers)
        assert proxy.view == ENVOY
        assert len(proxy.resources(CLUSTER)) >= 9
    assert found.problems == ()
    assert {"debug/syncz", "debug/registryz"} <= {answer.kind for answer in found.answers}


def test_the_node_names_the_proxy_before_layout_and_file_do() -> None:
    placed = owner("folder", "other")
    assert proxy_of(dump(bootstrap(), clusters(), owner=placed)).id == ProxyId("", "default", "pod-1")
    assert proxy_of(dump(clusters(), owner=placed)).id == placed
    assert proxy_of(dump(clusters(), name="some/where/east.json")).id == ProxyId("", "", "east")
    assert proxy_of(dump(clusters(), name="-")).id == ProxyId("", "", "stdin")
    assert proxy_of(dump(clusters(), name="a.tar.gz!x/y.z.json")).id == ProxyId("", "", "y.z")


def test_a_node_that_is_not_istios_leaves_it_to_the_file() -> None:
    plain = {"@type": meshes.ADMIN + "BootstrapConfigDump", "bootstrap": {"node": {"id": "front-proxy"}}}
    assert proxy_of(dump(plain, clusters(), name="edge.json")).name == "edge"


def test_the_names_around_a_dump_name_its_proxy() -> None:
    inner = {"configs": [clusters({"name": "a"})]}
    found = mesh_of(captured("x.json", {"xds": {"shop/eg": inner, "plain": inner}})).proxies
    assert [proxy.id for proxy in found] == [ProxyId("", "", "plain"), ProxyId("", "shop", "eg")]


def test_the_mesh_cluster_of_the_source_is_part_of_the_identity() -> None:
    east, west = (dump(bootstrap(), clusters(), mesh_cluster=name) for name in ("east", "west"))
    assert [proxy.id.mesh_cluster for proxy in mesh_of(east, west).proxies] == ["east", "west"]


def test_envoys_account_is_preferred_and_the_view_chooses() -> None:
    both = [istiods(owner=owner("pod-1")), dump(bootstrap(), clusters({"name": "envoys"}))]
    for documents in (both, both[::-1]):
        assert [r.name for r in proxy_of(*documents).resources(CLUSTER)] == ["envoys"]
        assert [r.name for r in proxy_of(*documents, view=ISTIOD).resources(CLUSTER)] == ["istiods"]
    alone = proxy_of(istiods())
    assert (alone.view, [r.name for r in alone.resources(CLUSTER)]) == (ISTIOD, ["istiods"])
    assert proxy_of(istiods(), view=ENVOY).resources(CLUSTER) == ()


def test_one_section_from_istioctl_belongs_to_envoys_account() -> None:
    """`istioctl proxy-config secret -o json` is camelCase and has no bootstrap, as an answer of istiod seems to."""
    part = {"dynamicActiveSecrets": [{"name": "default", "secret": {"name": "default"}}]}
    placed = owner("pod-1")
    proxy = proxy_of(dump(bootstrap(), clusters()), captured("secret.json", part, owner=placed))
    assert set(proxy.accounts) == {ENVOY}
    assert [resource.name for resource in proxy.resources(SECRET)] == ["default"]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_bare_list_of_endpoints_is_of_the_view_that_stands_beside_it(turn: int) -> None:
    bare = captured("eds.json", [assignment("a", "10.0.0.9:80")], owner=owner("pod-1"))
    beside_istiods = [istiods(owner=owner("pod-1")), bare][::turn]
    beside_envoys = [dump(bootstrap(), clusters(eds("a"))), bare][::turn]
    assert set(proxy_of(*beside_istiods).accounts) == {ISTIOD}
    assert set(proxy_of(*beside_envoys).accounts) == {ENVOY}


def test_an_answer_of_an_old_pilot_about_all_proxies_makes_no_proxy() -> None:
    mesh = recorded(PILOT)
    assert all(proxy.view == ISTIOD for proxy in mesh.proxies)
    assert all(proxy.has_evidence(ENDPOINTS) for proxy in mesh.proxies)
    assert [answer.kind for answer in mesh.answers].count("debug/edsz") == 1
    assert {proxy.id.namespace for proxy in mesh.proxies} == {"default", "istio-system"}


def test_of_several_dumps_of_one_proxy_the_last_that_speaks_of_a_kind_counts() -> None:
    older = dump(bootstrap(), clusters({"name": "old"}), endpoints(assignment("old")), name="1.json")
    newer = dump(bootstrap(), clusters({"name": "new"}), name="2.json")
    proxy = proxy_of(older, newer)
    assert [resource.name for resource in proxy.resources(CLUSTER)] == ["new"]
    assert [resource.name for resource in proxy.resources(ENDPOINTS)] == ["old"]


def test_what_lies_beside_a_dump_is_its_proxys() -> None:
    live = {"cluster_statuses": [{"name": "a", "added_via_api": True}]}
    here = [dump(bootstrap("a.x"), clusters(), name="a/dump.json"), captured("a/live.json", live)]
    there = [dump(bootstrap("b.x"), clusters(), name="b/dump.json")]
    first, second = mesh_of(*here, *there).proxies
    assert first.live_clusters
    assert second.live_clusters is None


def test_what_could_be_anybodys_is_a_problem_and_nobodys() -> None:
    live = captured("live.json", {"cluster_statuses": [{"name": "a"}]})
    mesh = mesh_of(dump(bootstrap("a.x"), clusters()), dump(bootstrap("b.x"), clusters()), live)
    assert [problem.document for problem in mesh.problems] == ["live.json"]
    assert "clusters" in mesh.problems[0].message
    assert all(proxy.live_clusters is None for proxy in mesh.proxies)


def test_live_state_alone_is_a_proxy_too() -> None:
    proxy = proxy_of(captured("live.json", {"cluster_statuses": [{"name": "a"}]}))
    assert (proxy.name, proxy.view) == ("live", "")
    assert proxy.live_clusters


@pytest.mark.parametrize("text", ['{"configs": [{', '{"configs"', "{", " [\n"])
def test_a_broken_document_beside_whole_ones_is_one_problem(text: str) -> None:
    mesh = mesh_of(dump(bootstrap(), clusters(static("a", "10.0.0.1:80"))), captured("b.json", text))
    assert mesh.problems == (Problem("b.json", "not readable: Input data was truncated"),)
    assert mesh.proxies[0].resource(CLUSTER, "a")
    assert not mesh.proxies[0].has_evidence(LISTENER)


@pytest.mark.parametrize("body", [b" " * 100, b"prose\nand more\n", b'{"a": ', b"[1, 2]"])
def test_what_is_no_document_is_not_kept_in_memory(body: bytes) -> None:
    other = Captured(Document.of("folder/other", body), source="folder")
    Mesh(Snapshot((other, istiods())))
    assert "body" not in vars(other.document)


@pytest.mark.parametrize("text", ["", "{}", '{"a": 1}', '{"configs": [', "\x00\x01"])
def test_a_snapshot_of_nothing_known_is_unreadable_in_one_line(text: str) -> None:
    with pytest.raises(UnreadableError) as error:
        mesh_of(captured("x.json", text, source="x.json"))
    assert "x.json" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_envoys_message_instead_of_json_is_told_in_its_own_words() -> None:
    said = "Failed to convert protobuf message to JSON string: INVALID_ARGUMENT: could not find @type 'x'"
    mesh = mesh_of(dump(bootstrap(), clusters()), captured("c.json", said, owner=owner("pod-1")))
    assert said in mesh.problems[0].message


def test_an_answer_of_a_known_kind_is_read_when_it_is_asked_for_and_its_failure_told_then() -> None:
    def gone() -> bytes:
        raise OSError("the disk went away")

    broken = Captured(Document("c.json", gone), "clusters", owner("pod-1"))
    mesh = mesh_of(dump(bootstrap(), clusters(), owner=owner("pod-1")), broken)
    assert not mesh.problems
    assert mesh.proxies[0].live_clusters is None
    assert mesh.problems == (Problem("c.json", "the disk went away"),)


def test_a_dumps_node_is_known_before_anything_is_indexed() -> None:
    (proxy,) = mesh_of(dump(bootstrap(), clusters(), kind="config_dump", owner=owner("pod-1"))).proxies
    account = proxy.accounts[ENVOY]
    assert account.node is not None
    assert "dumps" not in vars(account)
    assert account.dumps[0].node is not None
    assert account.node.id == account.dumps[0].node.id


def test_indexing_ahead_leaves_no_document_to_the_first_question() -> None:
    mesh = Mesh(open_snapshot(str(meshes.RECORDINGS / WEBSITE)))
    steps: list[tuple[int, int]] = []
    mesh.index(Work(lambda done, total: steps.append((done, total))))
    total = steps[-1][1]
    assert steps == [(done, total) for done in range(total + 1)]
    for captured_ in mesh.snapshot.captured:
        if captured_.kind in ("config_dump", "istiod_config_dump", "manifests"):
            captured_.document.forget()
    assert all(proxy.resources(CLUSTER) for proxy in mesh.proxies)
    assert mesh.objects
    assert not any("body" in vars(c.document) for c in mesh.snapshot.captured if c.kind in ("config_dump", "manifests"))


def test_indexing_can_be_cancelled_and_taken_up_again() -> None:
    mesh = Mesh(open_snapshot(str(meshes.RECORDINGS / WEBSITE)))
    steps: list[int] = []

    def progress(done: int, _total: int) -> None:
        steps.append(done)

    with pytest.raises(CancelledError, match="cancelled: "):
        mesh.index(Work(progress, lambda: len(steps) == 2))
    assert steps == [0, 1]
    mesh.index()
    assert mesh.problems == ()


def test_a_cancelled_opening_keeps_the_documents_that_it_reached() -> None:
    steps: list[int] = []
    first, second = (dump(bootstrap(pod), clusters(), name=f"{pod}.json") for pod in ("a.x", "b.x"))
    work = Work(lambda done, _total: steps.append(done), lambda: len(steps) == 1)
    mesh = Mesh(Snapshot((first, second)), work=work)
    assert [proxy.name for proxy in mesh.proxies] == ["a.x"]
    assert mesh.problems == (Problem("", "cancelled: 1 documents were not looked at"),)


def test_problems_are_listed_once_and_new_ones_at_the_end() -> None:
    broken = captured("broken.json", '{"configs": [1]}', kind="config_dump", owner=owner("pod-2"))
    manifest = captured("m.yaml", "kind: [", kind="manifests")
    mesh = mesh_of(dump(bootstrap(), clusters(), owner=owner("pod-1")), broken, manifest)
    found = [mesh.problems]
    assert len(mesh.objects) == 0
    found.append(mesh.problems)
    assert mesh.proxies[1].resources(CLUSTER) == ()
    found.append(mesh.problems)
    mesh.index()
    assert [list(dict.fromkeys(problem.document for problem in problems)) for problems in found] == [
        [], ["m.yaml"], ["m.yaml", "broken.json"],
    ]  # fmt: skip
    assert mesh.problems == found[-1]


def test_a_mesh_is_known_by_its_identity_and_does_not_outlive_its_last_user() -> None:
    mesh, other = (mesh_of(dump(bootstrap(), clusters())) for _ in range(2))
    simulators = WeakKeyDictionary({mesh: 1, other: 2, mesh.overlay(()): 3})
    assert (simulators[mesh], simulators[other]) == (1, 2)
    del mesh
    gc.collect()
    assert list(simulators.values()) == [2]
