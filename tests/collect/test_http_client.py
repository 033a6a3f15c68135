"""Whatever a server does, asking ends, in time, with an answer or one line that says why there is none."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import threading
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from meshscope.collect.client import HttpResponse
from meshscope.collect.http_client import RETRIES, HttpClient
from meshscope.collect.live import Live
from meshscope.collect.spool import Spool
from meshscope.errors import UsageError
from meshscope.snapshot import cleaning

from .certificate import authority, server_tls
from .server import Reply, Server, answer, endless, lying, no_http, resetting, silent, zipped

LIVE = Live(timeout=0.7, deadline=1.6)


def asked(base: str, path: str = "/x", live: Live = LIVE) -> HttpResponse:
    async def run() -> HttpResponse:
        async with HttpClient(base, live, Spool()) as client:
            return await client.get(path)

    return asyncio.run(run())


def served_once(listening: socket.socket) -> None:
    peer, _ = listening.accept()
    with peer:
        peer.recv(65536)
        answer(b"{}")(peer)


def replied(reply: Reply, live: Live = LIVE) -> HttpResponse:
    with Server(lambda _path: reply) as server:
        return asked(server.url, live=live)


def test_an_answer_is_kept_whole() -> None:
    found = replied(answer(b'{"a": 1}'))
    assert (found.status, found.error, found.is_reached, found.is_json) == (200, "", True, True)
    assert found.body is not None
    assert found.body.load() == b'{"a": 1}'


def test_a_compressed_answer_is_unfolded() -> None:
    found = replied(zipped(b"[" + b"1," * 100_000 + b"1]"))
    assert found.body is not None
    assert found.body.length == 200_003


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (silent(), r"silent for 0\.7 s"),
        (lying(b'{"a"', 1000), r"broke off after 4 bytes: .+"),
        (resetting(), r"no valid HTTP response: .+"),
        (resetting(b'{"a": ['), r"broke off after 7 bytes: .+"),
        (endless, r"not finished after 1\.6 s"),
        (no_http, r"no valid HTTP response: .+"),
        (answer(b"no healthy\nupstream", 503), r"answered 503: no healthy upstream"),
        (answer(b"", 404), r"answered 404"),
        (answer(b"", 302, location="http://127.0.0.1:9/elsewhere"), r"answered 302"),
        (answer(b"no gzip", content_encoding="gzip"), r"no valid HTTP response: .+"),
        (answer(b"x" * 5000, 500), r"answered 500: x{200}…"),
    ],
)
def test_what_a_server_does_wrong_is_one_line(reply: Reply, error: str) -> None:
    found = replied(reply)
    assert re.fullmatch(error, found.error)
    assert found.is_reached
    assert not found.is_json


def test_bytes_beyond_the_length_that_was_told_are_no_part_of_the_answer() -> None:
    found = replied(lying(b"{}trailing", 2))
    assert found.body is not None
    assert found.body.load() == b"{}"


def test_a_body_that_unfolds_without_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "MOST_BYTES", 1_000_000)
    found = replied(zipped(b" " * 30_000_000), Live(timeout=5, deadline=20))  # a busy machine takes its time
    assert found.error.startswith("larger than 1,000,000 bytes")


def test_encodings_upon_encodings_are_refused_before_anything_unfolds() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    try:
        found = replied(answer(gzip.compress(gzip.compress(body)), content_encoding="gzip, gzip, gzip"))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert re.fullmatch(r"no valid HTTP response: the content-encoding 'gzip, gzip, gzip' is not read: .+", found.error)


@pytest.mark.parametrize(
    ("url", "is_used"),
    [
        ("http://mesh.example:15014", False),
        ("https://mesh.example:15014", True),
        ("https://127.0.0.1:15014", False),
        ("https://127.1.2.3", False),
        ("https://[::1]:15014", False),
        ("https://localhost:15014", False),
        ("https://127.evil.example", True),
        ("http://127.evil.example", False),
    ],
)
def test_a_proxy_of_the_environment_carries_https_alone(
    url: str, is_used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(lambda _: answer(b"{}")) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)

        async def run() -> None:
            async with HttpClient(url, Live(timeout=0.3, deadline=0.6), Spool(), token="t0k3n") as client:  # noqa: S106  # no secret
                await client.get("/x")

        asyncio.run(run())
    assert bool(proxy.asked) == is_used
    assert all(one.method == "CONNECT" and "authorization" not in one.headers for one in proxy.asked)


@given(st.text(max_size=80).filter(lambda host: not set(host) & set("/?#@:")))
@example("é_ü")
@example("xn--")
@example("a" * 64)
@example("a..b")
@example(".")
def test_any_host_is_an_address_or_told_in_one_line(host: str) -> None:
    with suppress(UsageError):
        HttpClient(f"http://{host}:80", LIVE, Spool())
        assert host


@pytest.mark.parametrize("host", ["é_ü", "xn--", "a" * 64, "a..b", "::g]", "h:99999", "h:0"])
def test_a_host_that_cannot_be_one_is_told(host: str) -> None:
    with pytest.raises(UsageError, match="no address: "):
        HttpClient(f"http://{host}" if host[-1].isdigit() else f"http://{host}:80", LIVE, Spool())


@pytest.mark.parametrize("path", ["%00", "/" + "x" * 5000, "/no/such/socket", "/dev/null"])
def test_a_socket_that_cannot_be_one_is_told(path: str) -> None:
    try:
        assert not asked(f"http+unix://{path}").is_reached
    except UsageError as refused:
        assert "no path has a NUL" in str(refused)  # noqa: PT017  # either way is fine


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name, why in (("ca.pem", "no certificates"), ("none.pem", "No such file")):
        with pytest.raises(UsageError, match=rf"--ca-file .*{name}: {why}"):
            HttpClient("https://mesh.example", Live(ca_file=str(tmp_path / name)), Spool())


def test_only_connecting_is_tried_again() -> None:
    with Server(lambda _path: resetting()) as server:
        assert asked(server.url).error
        assert len(server.asked) == 1
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = asked(f"http://127.0.0.1:{closed.getsockname()[1]}", live=Live(timeout=0.3, deadline=5))
    assert (found.error, found.is_reached, found.status) == ("connection refused", False, 0)
    assert RETRIES > 0


def test_a_server_that_comes_up_late_is_reached() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]

        async def run() -> HttpResponse:
            async with HttpClient(f"http://127.0.0.1:{port}", Live(timeout=1), Spool()) as client:
                pending = asyncio.create_task(client.get("/x"))
                await asyncio.sleep(0.1)
                held.listen()
                threading.Thread(target=served_once, args=(held,), daemon=True).start()
                return await pending

        assert asyncio.run(run()).error == ""


def test_a_name_that_nobody_knows_is_told() -> None:
    found = asked("http://no-such-host.invalid:15000", live=Live(timeout=0.3, deadline=5))
    assert not found.is_reached
    assert found.error


def test_a_token_goes_to_the_server_with_every_request() -> None:
    with Server(lambda _path: answer(b"{}")) as server:

        async def run() -> None:
            async with HttpClient(server.url, LIVE, Spool(), token="t0k3n") as client:  # noqa: S106  # no secret
                await client.get("/a")
                await client.get("/b")

        asyncio.run(run())
    assert [one.headers["authorization"] for one in server.asked] == ["Bearer t0k3n"] * 2
    assert [one.path for one in server.asked] == ["/a", "/b"]


def test_a_unix_socket_is_asked_like_a_port(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        for written in (str(path), str(path).replace("/", "%2F")):
            threading.Thread(target=served_once, args=(listening,), daemon=True).start()
            assert asked(f"http+unix://{written}", live=Live(timeout=1)).error == ""


@pytest.mark.parametrize("base", ["http://", "http://h:1/?a=b"])
def test_what_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="an address is"):
        HttpClient(base, LIVE, Spool())


def test_https_is_held_against_the_certificates_that_are_given(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(authority())
    with Server(lambda _path: answer(b"{}"), server_tls()) as server:
        assert "certificate verify failed" in asked(server.url).error
        trusting = Live(timeout=2, ca_file=str(tmp_path / "ca.pem"))
        assert asked(server.url, live=trusting).error == ""
