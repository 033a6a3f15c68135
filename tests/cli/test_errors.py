"""Every failure is one clear line on stderr and an exit code that scripts can rely on."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope.cli import app
from meshscope.errors import ExitCode, UsageError

from .running import DATA, Answer

DUMP = DATA / "small/proxies/default/productpage-v1-12eae82901-8b536/config_dump.json"

Run = Callable[..., Answer]

WRONG_COMMAND_LINES = {
    "gte routes": "meshscope: no verb 'gte'; did you mean get, trace? (meshscope --help)",
    "--colour": "meshscope: no option --colour (meshscope --help)",
    "get": "meshscope get: KIND is missing (meshscope get --help)",
    "get routse": "meshscope: no kind 'routse'; did you mean routes, udproutes, tlsroutes?",
    "get routes --nam x": "meshscope get: no option --nam; did you mean --name? (meshscope get --help)",
    "get routes --proxy prodpage": (
        "meshscope: no proxy 'prodpage' in this input; did you mean productpage, productpage-v1, productpage.default?"
    ),
    "get routes --port http": "meshscope get: --port: 'http' is not a valid integer (meshscope get --help)",
    "get routes --direction up": (
        "meshscope get: --direction: 'up' is not one of 'inbound', 'outbound', 'inbound-vip' (meshscope get --help)"
    ),
    "get routes --from http://127.0.0.1:99999": (
        "meshscope: 'http://127.0.0.1:99999' is not an address: a port is a number from 1 to 65535"
    ),
    "get routes --from http://xn--:80": "meshscope: http://xn--:80: no address: there is no host of this name",
    "get routes --timeout nan": "meshscope get: --timeout: 'nan' is not a number of seconds (meshscope get --help)",
    "get routes --token-file /dev/zero": "meshscope: --token-file /dev/zero: no token in it",
    "trace --requests /dev/zero --from small": (
        "meshscope: --requests /dev/zero: a line has more than 1,048,576 bytes, and a request is one line"
    ),
    "get routes --at noon": (
        "meshscope get: --at: 'noon' is not a time such as 2026-11-24T16:40:00Z (meshscope get --help)"
    ),
    "get routes -o xml": (
        "meshscope get: --output: 'xml' is not one of table, wide, json, jsonl, yaml, name, svg, columns=NAME,…,"
        " jsonpath=TEMPLATE (meshscope get --help)"
    ),
    "get routes -o jsonpath={.items[": "meshscope: jsonpath: cannot read '{.items['",
    "get routes -o jsonpath={.items[x]}": "meshscope: jsonpath: cannot read [x]",
    "get routes -l app": "meshscope: -l 'app': labels are key=value, separated by commas",
    "get routes -l a=b,=c": "meshscope: -l 'a=b,=c': labels are key=value, separated by commas",
    "get routes --sort-by nam": "meshscope: --sort-by: no field 'nam'; did you mean name?",
    "describe": "meshscope describe: KIND/NAME is missing (meshscope describe --help)",
    "describe vs": "meshscope: describe vs: the name is missing, as in vs/NAME",
    "describe vs/": "meshscope: describe vs: the name is missing, as in vs/NAME",
    "describe details": "meshscope: no kind 'details'; did you mean sidecars, nodes?; an object is named as KIND/NAME",
    "trace productpage ftp://reviews --from demo": "meshscope: no scheme 'ftp'; did you mean tcp, http, https?",
    "trace productpage revews --from demo": "meshscope: no service or host 'revews' in this input; did you mean reviews?",
    "trace productpage reviews --protocol htp2 --from demo": (
        "meshscope: --protocol: no protocol 'htp2'; did you mean http2, http, http3?"
    ),
    "trace productpage --curl 'curl --ntlm http://reviews/'": (
        "meshscope: --curl: option --ntlm is not followed: leave it out, or say what it does in other words"
    ),
    "describe vss/reviews": "meshscope: no kind 'vss'; did you mean vs?",
    "find": "meshscope find: WHAT is missing (meshscope find --help)",
    "find ' '": "meshscope: find: WHAT is empty; it is an IP, a host, a cluster, an object …",
    "completion tcsh": (
        "meshscope completion: SHELL: 'tcsh' is not one of 'bash', 'zsh', 'fish' (meshscope completion --help)"
    ),
    "pc routes productpage 9080": "meshscope pc: Got unexpected extra argument (9080) (meshscope pc --help)",
}


@pytest.mark.parametrize("line", WRONG_COMMAND_LINES)
def test_a_wrong_command_line_is_told_in_one_line_with_what_was_meant(line: str, meshscope: Run) -> None:
    words = shlex.split(line)
    verb_reads = words[0] in ("get", "describe", "find", "pc")
    given = meshscope(*words, *(("--from", "small") if verb_reads else ()))
    assert (given.code, given.out) == (ExitCode.USAGE, "")
    if line != "describe vss/reviews":
        assert given.error_line == WRONG_COMMAND_LINES[line]
    else:  # which words are near depends on the kinds that there are
        assert given.error_line.startswith("meshscope: no kind 'vss'")


def test_help_and_version_are_words_too(meshscope: Run) -> None:
    assert meshscope("help").out == meshscope("--help").out
    assert meshscope("help", "trace").out == meshscope("trace", "--help").out
    assert meshscope("version").out == meshscope("--version").out


def test_an_address_in_the_place_of_a_source_is_told_to_be_a_url(meshscope: Run) -> None:
    said = meshscope("get", "clusters", "--from", "127.0.0.1:15000").err
    assert "no file or directory '127.0.0.1:15000'; a live proxy is http://127.0.0.1:15000" in said


def test_kind_and_name_may_be_one_word(meshscope: Run) -> None:
    assert meshscope("get", "vs/reviews").out == meshscope("get", "vs", "reviews").out
    assert meshscope("get", "vs/reviews").out.count("reviews") == 2


def test_istioctls_types_of_listeners_are_understood(meshscope: Run) -> None:
    names = {
        kind: set(meshscope("get", "listeners", "--type", kind, "-o", "name").out.split()) for kind in ("HTTP", "TCP")
    }
    both = set(meshscope("get", "listeners", "--type", "http+tcp", "-o", "name").out.split())
    assert names["HTTP"] & names["TCP"] == both
    assert both
    assert names["TCP"] - names["HTTP"]


def test_an_option_without_its_value_is_named(meshscope: Run) -> None:
    given = meshscope("get", "routes", "--from")
    assert (given.code, given.error_line) == (ExitCode.USAGE, "meshscope: --from has no value (meshscope --help)")


def test_a_source_that_does_not_exist_is_told_with_its_neighbours(meshscope: Run) -> None:
    given = meshscope("get", "routes", "--from", "smal")
    assert (given.code, given.out) == (ExitCode.USAGE, "")
    assert given.error_line == "meshscope: no file or directory 'smal'; did you mean 'small'?"


@pytest.mark.parametrize("source", ["http://127.0.0.1:1", "istiod+http://127.0.0.1:1", "east=http://127.0.0.1:1"])
def test_a_live_source_that_nobody_answers_is_told_with_what_to_do(source: str, meshscope: Run) -> None:
    given = meshscope("get", "routes", "--from", source)
    assert (given.code, given.out) == (ExitCode.UNREACHABLE, "")
    assert source in given.error_line
    assert "connection refused; `kubectl port-forward" in given.error_line


def test_a_token_or_certificate_that_is_not_there_is_told(meshscope: Run) -> None:
    for word in ("--token-file", "--ca-file"):
        given = meshscope("get", "routes", "--from", "http://127.0.0.1:1", word, "missing")
        assert given.code == ExitCode.USAGE
        assert f"{word} missing" in given.error_line


def test_certificates_that_do_not_end_are_told(meshscope: Run) -> None:
    given = meshscope("get", "routes", "--from", "https://127.0.0.1:1", "--ca-file", "/dev/zero")
    assert given.code == ExitCode.USAGE
    assert "--ca-file /dev/zero: longer than" in given.error_line


def test_a_word_that_several_kinds_share_is_told_with_all_of_them(meshscope: Run) -> None:
    given = meshscope("get", "gateways", "--from", str(DUMP))
    assert (given.code, given.out) == (ExitCode.USAGE, "")
    assert given.error_line == (
        "meshscope: 'gateways' is ambiguous: gateways.networking.istio.io, gateways.gateway.networking.k8s.io"
    )


def test_a_word_that_one_kind_of_the_input_answers_to_is_that_kind(small: Run) -> None:
    assert small("get", "gateways", "-o", "name").out == "gateway/bookinfo.default\n"


UNREADABLE = {
    "empty": b"",
    "truncated": DUMP.read_bytes()[:5000],
    "not closed": b"[[[[",
    "too deep": b"[" * 100_000,
    "a plain text with status 200": b"no healthy upstream",
    "a page": b"<html><body>404 page not found</body></html>",
    "another JSON": b'{"a": 1}',
    "binary": bytes(range(256)) * 8,
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_holds_no_document_is_told_in_one_line_that_names_it(
    what: str, tmp_path: Path, meshscope: Run
) -> None:
    file = tmp_path / "config_dump.json"
    file.write_bytes(UNREADABLE[what])
    given = meshscope("get", "routes", "--from", str(file))
    assert (given.code, given.out) == (ExitCode.UNREADABLE, "")
    assert given.error_line.startswith(f"meshscope: {file}: ")
    assert len(given.error_line) < 250 + len(str(file))


def test_a_directory_with_nothing_in_it_is_told_in_one_line(tmp_path: Path, meshscope: Run) -> None:
    given = meshscope("get", "routes", "--from", str(tmp_path))
    assert (given.code, given.out) == (ExitCode.UNREADABLE, "")
    assert given.error_line == f"meshscope: {tmp_path}: no text in it"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that root too cannot read exists on Linux only")
def test_a_file_that_cannot_be_read_is_told_in_one_line(meshscope: Run) -> None:
    given = meshscope("get", "routes", "--from", "/proc/self/mem")
    assert (given.code, given.error_line) == (ExitCode.UNREADABLE, "meshscope: /proc/self/mem: Input/output error")


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path, meshscope: Run) -> None:
    (tmp_path / "good.json").write_bytes(DUMP.read_bytes())
    for name in ("bad1.json", "bad2.json", "bad3.json"):
        (tmp_path / name).write_bytes(b'{"configs": [')
    given = meshscope("get", "proxies", "-o", "name", "--from", str(tmp_path))
    assert (given.code, given.out) == (0, "proxy/productpage-v1-12eae82901-8b536.default\n")
    first, more = given.err.splitlines()
    assert first.startswith(f"problem: {tmp_path}/bad1.json: ")
    assert more == "… and 2 more problems; -v lists them"
    assert len(meshscope("get", "proxies", "-v", "--from", str(tmp_path)).err.splitlines()) == 3
    assert meshscope("get", "proxies", "-q", "--from", str(tmp_path)).err == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("describe", "vs/revews"), "meshscope: no virtualservice 'revews'; did you mean reviews.default?"),
        (("describe", "vs", "revews"), "meshscope: no virtualservice 'revews'; did you mean reviews.default?"),
        (("find", "10.1.2.3"), "nothing refers to '10.1.2.3' in this input"),
    ],
)
def test_nothing_of_that_name_is_the_answer_no(words: tuple[str, ...], line: str, small: Run) -> None:
    given = small(*words)
    assert (given.code, given.out, given.error_line) == (ExitCode.NO, "", line)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("get", "ecds"), "no ecds in this input"),
        (("get", "routes", "908"), "no routes match --name 908; did you mean 9080?"),
        (
            ("get", "routes", "--proxy", "productpage", "-l", "app=productpage", "--name", "nope"),
            "no routes match --proxy productpage -l app=productpage --name nope; there are InboundPassthroughCluster"
            ", inbound|9080||, 80, 9080, istio-ingressgateway.istio-system.svc.cluster.local:15021, 8000",
        ),
        (("get", "vs", "revews"), "no virtualservices.networking.istio.io match --name revews; did you mean reviews?"),
        (("get", "vs", "-n", "nope"), "no virtualservices.networking.istio.io match -n nope"),
    ],
)
@pytest.mark.parametrize("output", ["table", "jsonl"])
def test_an_empty_list_is_fine_and_says_on_stderr_that_it_is_empty(
    words: tuple[str, ...], line: str, output: str, small: Run
) -> None:
    given = small(*words, "-o", output)
    assert (given.code, given.out, given.error_line) == (ExitCode.FINE, "", line)
    assert small(*words, "-o", output, "-q").err == ""


def test_what_was_not_captured_is_not_called_empty(meshscope: Run) -> None:
    given = meshscope("get", "routes", "--from", "small/istiod")
    assert (given.code, given.out) == (ExitCode.FINE, "")
    assert given.error_line in ("no proxy in this input", "no route evidence in this input")


def test_debug_lets_the_traceback_through_wherever_it_stands(meshscope: Run) -> None:
    for words in (("--debug", "get", "routse"), ("get", "routse", "--debug")):
        with pytest.raises(UsageError, match="no kind 'routse'"):
            meshscope(*words, "--from", "small")


def test_an_interrupt_while_a_class_is_being_made_is_an_interrupt(
    meshscope: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise RuntimeError("Error calling __set_name__ on 'once'") from KeyboardInterrupt()

    monkeypatch.setattr(app, "_run", lambda _arguments: interrupted())
    given = meshscope("find", "x")
    assert (given.code, given.out, given.err) == (ExitCode.INTERRUPTED, "", "")


def test_an_unexpected_exception_is_one_line_that_asks_for_a_report(
    meshscope: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "meshscope.cli.find", object())  # a verb's module without a verb
    given = meshscope("find", "x")
    assert given.code == ExitCode.NO
    assert given.error_line.startswith("meshscope: internal error: AttributeError: ")
    assert given.error_line.endswith("(please report it with the output of --debug)")
    with pytest.raises(AttributeError):
        meshscope("find", "x", "--debug")
