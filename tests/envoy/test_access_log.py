from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.envoy.access_log import AccessLogLine, access_log_line, is_access_log

ADMIN = Path(__file__).parents[1] / "data/envoy/admin"

START = "[2026-11-22T16:42:33.123Z] "
ISTIO = (
    START + '"GET /reviews/0?a=b c HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 19 0 - "-" "curl/8 (x)" "6d3b" '
    '"reviews:9080" "-" outbound|9080|v3|reviews.default.svc.cluster.local - 10.96.0.12:9080 10.20.0.10:40244 - canary'
)
ENVOY = START + '"POST /x HTTP/2" 200 - 3 154 226 100 "10.0.35.28" "nsq2http" "cc21" "locations" "tcp://10.0.2.1:80"'
TCP = START + '"- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.0.1:80 10.0.0.2:5 - -'
ISTIO_1_4 = (
    START + '"GET / HTTP/1.1" 404 NR "-" "-" 0 0 1 - "10.0.0.2" "curl" "id" "shop" "-" - - 10.0.0.1:80 10.0.0.2:5 - -'
)


def test_istios_default_format_is_read() -> None:
    assert access_log_line(ISTIO) == AccessLogLine(
        code=503,
        flags="UH",
        details="no_healthy_upstream",
        method="GET",
        path="/reviews/0?a=b c",
        protocol="HTTP/1.1",
        authority="reviews:9080",
        upstream_cluster="outbound|9080|v3|reviews.default.svc.cluster.local",
        downstream_local_address="10.96.0.12:9080",
        downstream_remote_address="10.20.0.10:40244",
        route="canary",
    )


def test_envoys_own_format_has_no_details() -> None:
    line = access_log_line(ENVOY)
    assert line is not None
    assert (line.code, line.flags, line.details) == (200, "", "")
    assert (line.authority, line.upstream_host, line.upstream_cluster) == ("locations", "tcp://10.0.2.1:80", "")


def test_a_connection_without_a_request_is_read() -> None:
    line = access_log_line(TCP)
    assert line is not None
    assert (line.code, line.flags, line.details, line.method, line.path) == (0, "NR", "filter_chain_not_found", "", "")
    assert line.downstream_local_address == "10.0.0.1:80"


def test_the_format_of_istio_with_mixer_is_read() -> None:
    line = access_log_line(ISTIO_1_4)
    assert line is not None
    assert (line.code, line.flags, line.details, line.authority) == (404, "NR", "", "shop")
    assert line.downstream_remote_address == "10.0.0.2:5"


def test_recorded_json_lines_are_read() -> None:
    body = (ADMIN / "gateway/access.jsonl").read_bytes()
    assert is_access_log(body)
    first, *_ = map(access_log_line, body.decode().splitlines())
    assert first is not None
    assert (first.code, first.flags, first.details, first.route) == (200, "", "via_upstream", "site")
    assert first.upstream_cluster == "outbound|9080||productpage.default.svc.cluster.local"


def test_istios_json_encoding_is_read() -> None:
    line = access_log_line(
        '{"response_code":403,"response_flags":"-","response_code_details":"rbac_access_denied_matched_policy[none]",'
        '"route_name":null,"upstream_cluster":"inbound|80||"}'
    )
    assert line == AccessLogLine(
        code=403, details="rbac_access_denied_matched_policy[none]", upstream_cluster="inbound|80||"
    )


def test_a_log_may_begin_with_the_proxys_own_messages() -> None:
    messages = "2026-11-22T16:42:30.1Z\tinfo\tEnvoy proxy is ready\n[2026-11-22 16:42:30.1][1][info][main] starting\n"
    assert is_access_log((messages + ISTIO + "\n").encode())
    assert not is_access_log(messages.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}\n",
        b'{"configs": []}',
        b'{"cluster": "a", "route": "b"}\n',
        b'{"name": "a", "path": "/", "method": "GET", "code": 200}\n',
        b"[1, 2]\n",
        b'[2026-11-22T16:42:33.123Z] "GET / HTTP/1.1" 200\n',
        b"kind: Service\nmetadata:\n  name: a\n",
        b"a::1.1.1.1:80::cx_total::0\n",
    ],
)
def test_other_texts_are_no_access_log(body: bytes) -> None:
    assert not is_access_log(body)


@pytest.mark.parametrize("name", ["clusters.json", "clusters.txt", "listeners.txt"])
def test_recorded_answers_are_no_access_log(name: str) -> None:
    assert not is_access_log((ADMIN / "gateway" / name).read_bytes())


@given(st.binary(max_size=80) | st.text(alphabet='[]{}"2026-T:Z. \n', max_size=80).map(str.encode))
def test_any_text_is_looked_at_without_failing(body: bytes) -> None:
    is_access_log(body)
