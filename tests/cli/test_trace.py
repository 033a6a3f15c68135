"""`meshscope trace` on the recordings that the project ships: which way, why the others lost, and the exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from meshscope import Mesh, Request, open_snapshot, trace

from .running import ROOT, answer

BOOKINFO = str(ROOT / "recordings" / "bookinfo")
V1, V2, V3 = (f"outbound|9080|v{n}|reviews.default.svc.cluster.local" for n in (1, 2, 3))


def traced(monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    found = answer(monkeypatch, ["trace", *words, "--from", BOOKINFO, "-o", "json"], terminal=False)
    return {"code": found.code, **json.loads(found.out)}


def test_weights_are_told_apart_and_each_way_ends_in_its_own_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    found = traced(monkeypatch, "productpage", "reviews")
    ways = [(path["probability"], [hop["cluster"] for hop in path["hops"]]) for path in found["paths"]]
    assert ways == [(0.9, [V1, "inbound|9080||"]), (0.1, [V3, "inbound|9080||"])]
    assert found["code"] == 0


def test_a_header_takes_the_first_route_and_its_absence_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with_header = traced(monkeypatch, "productpage", "http://reviews:9080/reviews/0", "-H", "end-user: jason")
    (path,) = with_header["paths"]
    assert path["hops"][0]["cluster"] == V2
    other = traced(
        monkeypatch, "productpage", "http://reviews:9080/reviews/0", "-H", "end-user: jasón", "--random", "0"
    )
    (path,) = other["paths"]
    lost = [one for step in path["hops"][0]["steps"] if step["kind"] == "route" for one in step["rejected"]]
    assert path["hops"][0]["cluster"] == V1
    assert "jason" in lost[0]["because"]


def test_random_decides_weights_as_envoys_own_value_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for random, cluster in (("89", V1), ("90", V3), ("190", V3)):
        (path,) = traced(monkeypatch, "productpage", "reviews", "--random", random)["paths"]
        assert (path["probability"], path["hops"][0]["cluster"]) == (1.0, cluster)


def test_from_outside_it_goes_through_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    found = traced(monkeypatch, "istio-ingressgateway", "http://bookinfo.example.com/productpage")
    (path,) = found["paths"]
    assert [hop["direction"] for hop in path["hops"]] == ["gateway", "inbound"]
    near = traced(monkeypatch, "istio-ingressgateway", "http://other.example.com/productpage")
    (path,) = near["paths"]
    assert (near["code"], path["response"]["code"], path["response"]["flags"]) == (1, 404, "NR")


def test_a_fault_ends_the_way_at_its_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    found = traced(monkeypatch, "reviews-v2", "http://ratings:9080/ratings/0", "-H", "end-user: tester")
    (path,) = found["paths"]
    assert (path["disposition"], path["response"]["code"]) == ("fault", 500)


def test_an_address_that_is_not_in_the_input_is_unknown_and_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = traced(monkeypatch, "productpage", "nosuch.example")
    (path,) = found["paths"]
    assert (found["code"], path["disposition"]) == (1, "unknown")


def test_a_pasted_curl_command_asks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    curl = "curl -sH 'end-user: jason' http://reviews:9080/reviews/0"
    (path,) = traced(monkeypatch, "productpage", "--curl", curl)["paths"]
    assert path["hops"][0]["cluster"] == V2


def test_a_batch_answers_line_for_line_and_bad_lines_in_their_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [
        {"id": 1, "source": "productpage", "dest": "reviews", "random": 0},
        {"id": 2, "source": "nobody", "dest": "reviews"},
    ]
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n{\n[]\n")
    found = answer(monkeypatch, ["trace", "--requests", str(file), "--from", BOOKINFO, "-o", "jsonl"], terminal=False)
    told = [json.loads(line) for line in found.out.splitlines()]
    assert found.code == 1
    assert [one["id"] for one in told] == [1, 2, None, None]
    assert [one.get("error", {}).get("code") for one in told] == [None, 2, 2, 2]


def test_a_batch_is_a_table_on_a_terminal_and_json_in_a_pipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = [
        {"id": "a", "source": "productpage", "dest": "reviews", "random": 0},
        {"source": "nobody", "dest": "reviews"},
        {"source": "reviews-v2", "dest": "http://ratings:9080/", "headers": [["end-user", "tester"]]},
    ]
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n")
    words = ["trace", "--requests", str(file), "--from", BOOKINFO, "--no-color"]
    monkeypatch.setenv("COLUMNS", "100")
    table = answer(monkeypatch, words, terminal=True)
    assert [line.split()[0] for line in table.out.splitlines()] == ["ID", "a", "2", "3"]
    assert ["✓  delivered" in table.out, "✗  not followed" in table.out, "✗  500 FI  fault" in table.out] == [True] * 3
    assert (table.code, "-o wide says why" in table.err, max(map(len, table.out.splitlines())) <= 100) == (
        1,
        True,
        True,
    )
    wide = answer(monkeypatch, [*words, "-o", "wide"], terminal=True)
    assert ["no proxy, pod or service 'nobody'" in wide.out, "abort with 500" in wide.out] == [True, True]
    assert "-o wide" not in wide.err
    piped = answer(monkeypatch, words, terminal=False)
    assert [json.loads(line)["id"] for line in piped.out.splitlines()] == ["a", None, None]


@pytest.mark.parametrize("output", ["tree", "wide", "json", "jsonl", "yaml", "svg", "mermaid", "dot"])
def test_every_output_names_the_chosen_cluster(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    found = answer(monkeypatch, ["trace", "productpage", "reviews", "--from", BOOKINFO, "-o", output], terminal=False)
    assert found.code == 0
    assert "v3" in found.out


def test_a_template_takes_fields_of_the_json(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["trace", "productpage", "reviews", "--from", BOOKINFO, "-o", "jsonpath={.paths[*].probability}"]
    assert answer(monkeypatch, words, terminal=False).out == "0.9 0.1\n"


@pytest.mark.parametrize("output", ["table", "name", "text"])
def test_a_format_that_a_trace_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    found = answer(monkeypatch, ["trace", "productpage", "reviews", "-o", output], terminal=False)
    assert found.code == 2
    assert "tree, wide, json, jsonl, yaml, svg, mermaid, dot" in found.error_line


@pytest.mark.parametrize(
    ("variables", "glyph"),
    [({"LC_ALL": "C"}, "+"), ({"LC_ALL": "", "LANG": "POSIX"}, "+"), ({"LC_ALL": "", "LANG": "C.UTF-8"}, "✓")],
)
def test_a_terminal_without_utf8_gets_ascii_glyphs(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], glyph: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = answer(monkeypatch, ["trace", "productpage", "reviews", "--from", BOOKINFO], terminal=False)
    assert f"{glyph} delivered" in found.out
    assert found.out.isascii() == (glyph == "+")


@pytest.mark.parametrize("option", [("-w",), ("--all-steps",), ("-v",), ("-o", "wide")])
def test_the_tree_shows_every_step_with_an_option_for_it(
    monkeypatch: pytest.MonkeyPatch, option: tuple[str, ...]
) -> None:
    words = ["trace", "productpage", "reviews", "--from", BOOKINFO]
    short = answer(monkeypatch, words, terminal=False).out
    long = answer(monkeypatch, [*words, *option], terminal=False).out
    assert "virtualOutbound" not in short
    assert "virtualOutbound" in long


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["a", "b", "c"], "a source and a destination"),
        (["nobody", "reviews"], "nobody"),
        (["productpage", "reviews", "-H", "no colon"], "'name: value'"),
        (["productpage", "reviews", "--jwt", "sub"], "name=value"),
        (["--requests", "/nonexistent/requests"], "/nonexistent/requests"),
        (["--curl", "curl"], "no URL"),
        ([], "no destination"),
    ],
)
def test_a_wrong_request_is_answered_in_one_line(monkeypatch: pytest.MonkeyPatch, words: list[str], part: str) -> None:
    found = answer(monkeypatch, ["trace", *words, "--from", BOOKINFO], terminal=False)
    assert found.code == 2
    assert part in found.error_line


def test_the_library_answers_the_same() -> None:
    found = trace(Mesh(open_snapshot(BOOKINFO)), Request(source="productpage", dest="reviews", random=0))
    assert [hop.cluster for hop in found.paths[0].hops] == [V1, "inbound|9080||"]


WEBSITE = str(ROOT / "recordings" / "website")


def hops(monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[str, list[str]]:
    found = answer(monkeypatch, ["trace", *words, "--from", WEBSITE, "-o", "json"], terminal=False)
    (path,) = json.loads(found.out)["paths"]
    return path["disposition"], [hop["direction"] for hop in path["hops"]]


def test_a_tcp_proxy_passes_the_request_on_to_a_proxy_that_reads_http(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("nginx-pod", "http://www.example.com/", "--to", "10.20.1.50:8080")
    assert hops(monkeypatch, *words) == ("delivered", ["outbound", "gateway", "inbound"])


def test_from_within_a_gateways_pod_nothing_is_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("istio-ingressgateway", "http://nginx-service/", "--to")
    assert hops(monkeypatch, *words, "10.20.1.10:80") == ("delivered", ["inbound"])
    assert hops(monkeypatch, "istio-ingressgateway", "http://www.example.com/", "--to", "10.20.1.50:8080") == (
        "delivered",
        ["gateway", "inbound"],
    )


def test_an_upgrade_that_nothing_allows_is_refused_and_a_websocket_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("productpage", "http://reviews:9080/", "--random", "0", "-H", "connection: upgrade", "-H")
    (path,) = traced(monkeypatch, *words, "upgrade: carrier-pigeon")["paths"]
    assert (path["response"]["code"], path["response"]["details"]) == (403, "upgrade_failed")
    (path,) = traced(monkeypatch, *words, "upgrade: websocket")["paths"]
    assert path["disposition"] == "delivered"


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_a_terminal_shows_what_decides_whole_and_no_line_is_wider(
    monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    found = answer(monkeypatch, ["trace", "productpage", "reviews", "--from", BOOKINFO], terminal=True)
    assert "|v3|reviews.default" in found.out
    assert "needs header end-user exact 'jason'; there is none" in " ".join(found.out.split())
    assert max(map(len, found.out.splitlines())) <= int(columns)


PLAIN_ENVOY = """
static_resources:
  listeners:
  - name: front
    address: {socket_address: {address: 127.0.0.1, port_value: 10000}}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: http
          route_config:
            virtual_hosts:
            - {name: all, domains: ["*"], routes: [{match: {prefix: /x}, direct_response: {status: 204}}]}
          http_filters:
          - name: router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
"""


def test_a_plain_envoy_takes_an_address_and_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "envoy.yaml"
    file.write_text(PLAIN_ENVOY)
    words = ["trace", "--from", str(file), "--to", "127.0.0.1:10000", "http://example.com/x", "-o", "json"]
    found = answer(monkeypatch, words, terminal=False)
    (path,) = json.loads(found.out)["paths"]
    assert (path["disposition"], path["response"]["code"], path["hops"][0]["listener"]) == (
        "direct_response",
        204,
        "front",
    )


def test_one_word_beside_an_address_is_who_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    found = traced(monkeypatch, "productpage", "--to", "10.20.0.21:9080", "--protocol", "tcp")
    assert found["request"]["source"] == "productpage"


def test_a_document_that_turns_out_to_be_unreadable_is_noted_after_the_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recording = tmp_path / "recording"
    shutil.copytree(BOOKINFO, recording)
    (dump,) = recording.glob("proxies/default/productpage-*/config_dump.json")
    dump.write_bytes(dump.read_bytes() + b" ")
    found = answer(monkeypatch, ["trace", "productpage", "ratings", "--from", str(recording)], terminal=False)
    assert found.error_line.startswith(f"problem: {dump}: changed since it was recorded")
    assert "no_listener" in found.out


HALF = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - match: [{headers: {end-user: {exact: jason}}}]
    name: jason
    route: [{destination: {host: reviews, subset: v2}}]
  - name: canary
    retries: {attempts: 3, perTryTimeout: 2s, retryOn: "gateway-error,connect-failure,refused-stream"}
    route:
    - {destination: {host: reviews, subset: v1}, weight: 50}
    - {destination: {host: reviews, subset: v3}, weight: 50}
"""


def test_both_sides_of_a_request(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "half.yaml"
    file.write_text(HALF)
    words = ["trace", "productpage", "reviews", "--from", BOOKINFO, "--with", str(file), "--no-color"]
    given = answer(monkeypatch, words, terminal=False)
    head, _, different = given.out.partition("different from today:\n")
    assert given.code == 0
    assert head.startswith("if applied: VirtualService default/reviews (changed)\n")
    assert head.count("50 %  ✓ delivered") == 2
    assert {line[0] for line in different.splitlines()} == {"-", "+"}
    assert all("%" in line for line in different.splitlines())
    told = json.loads(answer(monkeypatch, [*words, "-o", "json"], terminal=False).out)
    assert told["is_different"]
    assert [path["probability"] for path in told["before"]["paths"]] == [0.9, 0.1]
    assert [path["probability"] for path in told["after"]["paths"]] == [0.5, 0.5]
    assert told["applied"][0]["change"] == "changed"


def test_a_request_that_nothing_touches_is_the_same_on_both_sides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "half.yaml"
    file.write_text(HALF)
    words = ["trace", "productpage", "details", "--from", BOOKINFO, "--with", str(file)]
    assert "no line of the answer is different from today's" in answer(monkeypatch, words, terminal=False).out
    told = json.loads(answer(monkeypatch, [*words, "-o", "json"], terminal=False).out)
    assert not told["is_different"]


def test_saved_requests_run_on_both_sides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file, saved = tmp_path / "half.yaml", tmp_path / "requests.jsonl"
    file.write_text(HALF)
    lines = [{"id": name, "source": "productpage", "dest": name} for name in ("reviews", "details")]
    saved.write_text("\n".join(map(json.dumps, [*lines, {"id": "bad"}])) + "\n")
    words = ["trace", "--requests", str(saved), "--from", BOOKINFO, "--with", str(file), "--no-color"]
    piped = [json.loads(line) for line in answer(monkeypatch, words, terminal=False).out.splitlines()]
    told = [(one["id"], one["is_different"]) for one in piped]
    assert told == [("reviews", True), ("details", False), ("bad", False)]
    table = answer(monkeypatch, words, terminal=True)
    assert table.code == 1
    assert [line.split()[0] for line in table.out.splitlines()] == ["ID", "reviews"]


def test_what_would_be_is_no_picture_and_is_not_watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "half.yaml"
    file.write_text(HALF)
    words = ["trace", "productpage", "reviews", "--from", BOOKINFO, "--with", str(file)]
    for more in (["-o", "mermaid"], ["--watch"]):
        given = answer(monkeypatch, [*words, *more], terminal=False)
        assert given.code == 2
        assert "--with" in given.error_line
