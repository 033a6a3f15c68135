"""A mesh under pseudonyms: the same traces, and no name of it anywhere."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from meshscope import Mesh, Request, open_snapshot, trace
from meshscope.anonymous.anonymising import AnonymousSnapshot, anonymise, vocabulary_of
from meshscope.errors import UnreadableError
from meshscope.location import Document
from meshscope.simulation.trace import Hop, Trace
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot
from tests.mesh.meshes import captured, routes

from ..recordings import RECORDINGS
from . import plain_envoy

KEY = b"0123456789abcdef"
FIELD_TOO = {"details"}
"""Names that are fields of Envoy's as well: those stay where they are keys."""

SERVICES = ["reviews:9080/reviews/0", "details.default.svc.cluster.local:9080/details/1", "ratings:9080/x", "legacy:8000/",
            "10.96.0.12:9080/", "www.example.com/"]  # fmt: skip
REQUESTS = [
    *(Request(source=source, dest=f"http://{dest}", headers=headers)
      for source in ("productpage", "sleep", "reviews-v1")
      for dest in SERVICES
      for headers in ((), (("end-user", "jason"),), (("end-user", "tester"),))),
    *(Request(source=source, dest=f"http://bookinfo.example.com{path}")
      for source in ("istio-ingressgateway", "")
      for path in ("/productpage", "/productpages", "/static/x.css", "/api/v1/products", "/api/v1/productsx", "/nothing")),
]  # fmt: skip


@cache
def recorded(name: str) -> tuple[Mesh, AnonymousSnapshot, Mesh]:
    anonymous = anonymise(open_snapshot(str(RECORDINGS / name)), KEY)
    return Mesh(open_snapshot(str(RECORDINGS / name))), anonymous, Mesh(anonymous.snapshot)


def renamed(request: Request, names: AnonymousSnapshot) -> Request:
    return replace(
        request,
        source=names.text(request.source),
        dest=names.text(names.values.path(request.dest)),
        authority=request.authority and names.text(request.authority),
        headers=tuple(
            (names.text(name), names.text(names.values.header(name, value))) for name, value in request.headers
        ),
    )


def told(hop: Hop) -> list[Any]:
    chain, route = hop.filter_chain and hop.filter_chain.name, hop.route and hop.route.name
    return [
        hop.proxy,
        hop.direction,
        hop.listener,
        chain,
        hop.route_config,
        hop.virtual_host,
        route,
        hop.cluster,
        hop.tls and hop.tls.sni,
    ]


def shape(answer: Trace, names: AnonymousSnapshot | None = None) -> Any:
    """What a trace says; with `names`, in the new ones."""
    new = names.text if names else str
    return [
        (path.probability, path.disposition, path.response and path.response.code, len(path.hops),
         [[new(fact) if fact else fact for fact in told(hop)] for hop in path.hops],
         [sorted((new(end.address), new(end.pod or ""), end.health) for end in hop.endpoints or ()) for hop in path.hops],
         [(step.kind, step.verdict) for hop in path.hops for step in hop.steps])
        for path in answer.paths
    ]  # fmt: skip


def test_every_trace_is_the_same_under_the_new_names() -> None:
    old, names, new = recorded("bookinfo")
    dispositions = set()
    for request in REQUESTS:
        before, after = trace(old, request), trace(new, renamed(request, names))
        assert shape(after) == shape(before, names), request
        dispositions |= {path.disposition for path in before.paths}
    assert dispositions >= {"delivered", "fault", "no_route"}


@pytest.mark.parametrize("name", ["bookinfo", "bookinfo-v2", "website"])
def test_no_name_and_no_address_of_the_mesh_is_left_in_any_byte(name: str) -> None:
    old, names, new = recorded(name)
    known = {word for proxy in old.proxies for word in (proxy.id.name, proxy.id.namespace, proxy.workload)}
    known |= {word for item in old.objects for word in (item.name, item.namespace)}
    known |= {word for service in old.network.services for word in (service.name, service.host)}
    own = {word for word in known if word and names.text(word) != word}
    own |= vocabulary_of(open_snapshot(str(RECORDINGS / name))).words.keys()
    assert len(own) > 10
    bodies = [one.document.body for one in names.snapshot.captured]
    pattern = b"|".join(re.escape(word.encode()) for word in sorted(own, key=len, reverse=True))
    left = {
        word.decode()
        for body in bodies
        for word in re.findall(rb"(?<![A-Za-z0-9])(?:" + pattern + rb")(?![A-Za-z0-9])", body)
    }
    assert left <= FIELD_TOO
    addresses = {proxy.node_id.ip for proxy in old.proxies if proxy.node_id}
    addresses |= {address for service in old.network.services for address in service.addresses}
    moved = {address for address in addresses if names.text(address) != address}
    assert moved
    assert not [
        address
        for address in moved
        for body in bodies
        if re.search(rf"(?<!\d){re.escape(address)}(?!\d)".encode(), body)
    ]
    assert len(new.proxies) == len(old.proxies)
    assert len(new.objects) == len(old.objects)


def test_documents_owners_and_sources_are_renamed_too() -> None:
    _, names, _ = recorded("bookinfo")
    text = repr([(one.document.name, one.owner, one.istiod, one.source) for one in names.snapshot.captured])
    assert "productpage" not in text
    assert str(RECORDINGS) not in text
    assert "bookinfo" not in repr(names.snapshot.sources)


def test_it_can_be_written_and_read_again(tmp_path: Path) -> None:
    old, names, new = recorded("website")
    write_recording(names.snapshot, tmp_path / "posted.tar.gz")
    again = Mesh(open_snapshot(str(tmp_path / "posted.tar.gz")))
    assert [proxy.name for proxy in again.proxies] == [proxy.name for proxy in new.proxies]
    assert sorted(proxy.name for proxy in new.proxies) == sorted(names.text(proxy.name) for proxy in old.proxies)


def test_workloads_are_told_by_the_new_names_of_pods() -> None:
    old, names, new = recorded("bookinfo")
    assert {names.text(proxy.workload) for proxy in old.proxies} == {proxy.workload for proxy in new.proxies}


def test_equal_keys_give_equal_bytes_and_other_keys_other_names() -> None:
    one, two, other = (
        anonymise(open_snapshot(str(RECORDINGS / "website")), key) for key in (KEY, KEY, b"another key here")
    )
    bodies = [[each.document.body for each in names.snapshot.captured] for names in (one, two, other)]
    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]


def dump(*virtual_hosts: dict[str, Any], **fields: Any) -> Captured:
    return captured(
        "dump.json", {"configs": [routes({"name": "acme", "virtual_hosts": list(virtual_hosts), **fields})]}
    )


def text_of(names: AnonymousSnapshot) -> str:
    return "".join(one.document.body.decode() for one in names.snapshot.captured)


def test_certificates_and_key_sets_go_whole() -> None:
    pem = "-----BEGIN CERTIFICATE-----\nMIIBacme\n-----END CERTIFICATE-----\n"
    keys = json.dumps({"keys": [{"kty": "EC", "x": "xxx", "y": "yyy"}]})
    inline = {
        "a": {"inline_bytes": b64encode(pem.encode()).decode()},
        "b": {"inline_string": pem},
        "c": {"inline_string": keys},
    }
    new = text_of(anonymise(Snapshot((dump(typed_per_filter_config=inline, serial_number="8d540dc2"),)), KEY))
    assert not re.search("MII|xxx|8d540dc2|" + b64encode(b"-----BEGIN").decode()[:12], new)
    assert new.count("[redacted]") == 2
    assert "W3JlZGFjdGVkXQ==" in new


def test_programs_and_pages_go_and_formats_stay() -> None:
    texts = {
        "inline_code": "-- by Mr Smith",
        "body": {"inline_string": "Acme Ltd"},
        "format": {"inline_string": "%REQ(X-A)% - "},
    }
    new = text_of(anonymise(Snapshot((dump(typed_per_filter_config=texts),)), KEY))
    assert "%REQ(X-A)% - " in new
    assert not re.search("Smith|Acme", new)


def test_secrets_are_redacted_as_well() -> None:
    header = {"header": {"key": "authorization", "value": "Basic aHVudGVyMg=="}}
    assert "aHVudGVyMg" not in text_of(anonymise(Snapshot((dump(request_headers_to_add=[header]),)), KEY))


def test_manifests_in_yaml_lose_their_comments() -> None:
    manifest = captured(
        "shop.yaml", "# for Mr Smith\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: acme}\n"
    )
    names = anonymise(Snapshot((manifest,)), KEY)
    assert json.loads(text_of(names))["metadata"] == {"name": names.text("cart"), "namespace": names.text("acme")}
    assert "Smith" not in text_of(names)


def test_texts_of_an_envoy_are_renamed_line_by_line() -> None:
    line = "outbound|80||cart.acme.svc.cluster.local::10.1.2.3:80::cx_active::0\n"
    owner = ProxyId("", "acme", "cart-0")
    clusters = Captured(Document.of("clusters", line.encode()), "clusters", owner)
    names = anonymise(Snapshot((dump(), clusters)), KEY)
    new = names.snapshot.captured[1]
    assert new.document.body.decode() == names.text(line)
    assert new.document.body.startswith(b"outbound|80||")
    assert b"cart" not in new.document.body
    assert new.owner == ProxyId("", names.text("acme"), names.text("cart-0"))


def test_what_nobody_knows_is_not_posted() -> None:
    readme = Captured(Document.of("folder/README", b"Dear Mr Smith,\nhere it is.\n"), source="folder")
    names = anonymise(Snapshot((dump(), readme)), KEY)
    lost = names.snapshot.captured[1].document
    assert lost.body == b""
    assert lost.failure.startswith("could not be anonymised: ")


def test_problems_and_lost_documents_are_renamed() -> None:
    owner = ProxyId("", "acme", "cart-0")
    lost = Captured(Document.lost("cart-0.acme/config_dump", "cart-0.acme did not answer"), "config_dump", owner)
    names = anonymise(Snapshot((dump(), lost), (Problem("x", "cart-0.acme is gone"),), ("k8s:acme",)), KEY)
    assert names.snapshot.captured[1].document.failure == names.text("cart-0.acme did not answer")
    assert names.snapshot.problems[0].message == names.text("cart-0.acme is gone")
    assert "acme" not in repr(names.snapshot) + str(names.snapshot.captured[1].owner)


def test_no_name_of_a_plain_envoy_is_left() -> None:
    new = text_of(anonymise(Snapshot((captured("envoy.json", plain_envoy.BOOTSTRAP),)), KEY))
    assert re.findall(r"\w*acme\w*", new) == []
    assert "8.7.6.5" not in new
    for word in ("envoy.filters.network.http_connection_manager", "envoy.filters.http.router", "example.com", "STATIC"):
        assert word in new


def test_names_in_large_objects_without_a_name_of_their_own_are_replaced() -> None:
    extensions = [{"name": f"envoy.filters.http.x{number}", "category": "envoy.filters.http"} for number in range(100)]
    info = {"version": "x/1.40.0/x", "node": {"id": "acmenode", "cluster": "acmefleet", "extensions": extensions}}
    assignment = plain_envoy.assignment("acmeassignment", 60)
    documents = (dump(), captured("server_info.json", info), captured("dump.json", {"configs": [assignment]}))
    assert "acme" not in text_of(anonymise(Snapshot(documents), KEY))


def test_a_plain_envoy_is_traced_under_its_new_names() -> None:
    snapshot = Snapshot((captured("envoy.json", plain_envoy.BOOTSTRAP),))
    names = anonymise(snapshot, KEY)
    matched, denied = (("x-acmematched", "acmevalue"),), (("x-acmedenied", "1"),)
    dispositions = []
    for path, headers in (
        ("/acmepath?acmequery=acmeprefixed", matched),
        ("/acmepath?acmequery=other", matched),
        ("/acmesecured", ()),
        ("/", denied),
        ("/acmeregex/1", (("x-acmecluster", "acme_cluster"),)),
    ):
        dest, host = f"http://10.0.0.1:10000{path}", "acmedomain.example.com"
        request = Request(dest=dest, authority=host, headers=headers)
        before, after = trace(Mesh(snapshot), request), trace(Mesh(names.snapshot), renamed(request, names))
        assert shape(after) == shape(before, names), request
        dispositions.append(before.paths[0].disposition)
    assert dispositions == ["delivered", "delivered", "denied", "denied", "delivered"]


def test_names_in_the_mesh_config_of_a_config_map_are_replaced() -> None:
    mesh = "trustDomain: acmetrust\nextensionProviders: [{name: acmeauthorizer}]\n"
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio"}, "data": {"mesh": mesh}}
    assert "acme" not in text_of(anonymise(Snapshot((captured("mesh.json", config_map),)), KEY))


def test_where_nothing_can_be_read_nothing_is_posted() -> None:
    with pytest.raises(UnreadableError):
        anonymise(Snapshot((captured("x", "hello\nworld\n"),)), KEY)


@pytest.mark.parametrize("source", ["demo", "east={}"])
def test_no_document_is_named_after_the_folder_that_it_lies_in(source: str, tmp_path: Path) -> None:
    folder = tmp_path / "alices" / "dumps"
    shutil.copytree(RECORDINGS / "website", folder)
    anonymous = anonymise(open_snapshot(source.format(folder)), KEY)
    (place,) = {one.document.name.split("/")[0] for one in anonymous.snapshot.captured}
    assert place == anonymous.snapshot.sources[0].rpartition("=")[2] or place.startswith("file-")
