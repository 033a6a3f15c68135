from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope.errors import ExitCode
from meshscope.listing.registry import KINDS

from .running import Answer

Run = Callable[..., Answer]


def test_a_pipe_gets_no_colour_and_nothing_cut(small: Run) -> None:
    given = small("get", "clusters")
    assert "\x1b" not in given.out
    assert "…" not in given.out
    assert "istio-ingressgateway.istio-system.svc.cluster.local" in given.out


def test_wide_has_all_columns_uncut_on_a_narrow_terminal_too(small: Run) -> None:
    assert (
        small("get", "clusters", "-o", "wide", "--no-color", columns=40).out
        == small("get", "clusters", "-o", "wide").out
    )


@pytest.mark.parametrize(
    ("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")]
)  # https://no-color.org: any value that is not empty
def test_colour_is_refused_by_the_environment(
    name: str, value: str, small: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[1m" in small("get", "clusters", columns=80).out
    monkeypatch.setenv(name, value)
    assert "\x1b" not in small("get", "clusters", columns=80).out


def test_only_the_sixteen_colours_are_used(small: Run) -> None:
    out = small("get", "endpoints", columns=120).out
    assert {code.partition("m")[0] for code in out.split("\x1b[")[1:]} <= {"0", "1", "2", "31", "32", "33"}


@pytest.mark.parametrize("words", [("get", "clusters"), ("find", "10.20.0.21"), ("describe", "vs/reviews")])
def test_a_picture_has_the_letters_of_the_table_and_colours_unless_they_are_refused(
    words: tuple[str, ...], small: Run
) -> None:
    picture, plain = small(*words, "-o", "svg").out, small(*words, "-o", "svg", "--no-color").out
    assert picture.startswith("<svg ")
    assert "font-weight: bold }" in picture
    assert "font-weight: bold }" not in plain
    for word in {word for word in small(*words).out.split() if word.isalnum()}:
        assert word in plain


@pytest.mark.parametrize("output", ["json", "jsonl", "yaml"])
def test_a_terminal_gets_the_same_json_and_yaml_in_colour(output: str, small: Run) -> None:
    plain = small("get", "vs", "-o", output).out
    painted = small("get", "vs", "-o", output, columns=80).out
    assert "\x1b[36m" in painted
    assert (
        re.sub("\x1b\\[[0-9;]*m", "", painted)
        == plain
        == small("get", "vs", "-o", output, "--no-color", columns=80).out
    )


def test_the_column_of_the_proxy_is_there_where_there_are_several(small: Run) -> None:
    assert small("get", "listeners").out.startswith("PROXY")
    assert not small("get", "listeners", "--proxy", "productpage").out.startswith("PROXY")
    assert small("get", "listeners", "--proxy", "productpage", "-o", "wide").out.startswith("PROXY")


def test_state_shows_the_state(small: Run) -> None:
    header, first, *_ = small("get", "clusters", "--state", "all").out.splitlines()
    assert header.split()[-2:] == ["STATE", "ERROR"]
    assert first.endswith(("static", "active"))
    assert "STATE" not in small("get", "clusters").out


def test_no_headers_leaves_out_the_titles_alone(small: Run) -> None:
    with_titles = small("get", "vs").out.splitlines()
    assert small("get", "vs", "--no-headers").out.splitlines() == with_titles[1:]


def names(given: Answer) -> list[str]:
    return [row["name"] for row in json.loads(given.out)["items"]]


def test_a_name_on_the_command_line_is_the_filter_name(small: Run) -> None:
    by_argument = small("get", "listeners", "virtualInbound", "-o", "json")
    assert names(by_argument) == ["virtualInbound"]
    assert by_argument.out == small("get", "listeners", "--name", "virtualInbound", "-o", "json").out


def test_pc_takes_the_proxy_after_the_kind(small: Run) -> None:
    assert small("pc", "routes", "productpage").out == small("get", "routes", "--proxy", "productpage").out
    assert small("pc", "routes").out == small("get", "routes").out


def test_all_namespaces_undoes_a_namespace(small: Run) -> None:
    assert len(names(small("get", "proxies", "-n", "default", "-o", "json"))) == 1
    assert len(names(small("get", "proxies", "-n", "default", "-A", "-o", "json"))) == 2


@pytest.mark.parametrize("field", ["port", ".port", "{.port}", "{.items[*].port}"])
def test_rows_are_sorted_by_a_field_in_any_of_kubectls_spellings(field: str, small: Run) -> None:
    rows = json.loads(small("get", "listeners", "--sort-by", field, "-o", "json").out)["items"]
    ports = [row["port"] for row in rows]
    assert ports == sorted(ports)
    assert len(set(ports)) > 3


@pytest.mark.parametrize("kind", [*KINDS, "pods", "vs", "dr", "gateways"])
@pytest.mark.parametrize("field", ["state", "owner"])
def test_every_kind_is_sorted_by_any_field(kind: str, field: str, small: Run) -> None:
    given = small("get", kind, "--sort-by", field)
    assert given.code == 0


@pytest.mark.parametrize("kind", [*KINDS, "pods", "vs", "deployments"])
def test_the_formats_for_programs_agree_on_every_kind(kind: str, small: Run) -> None:
    whole = json.loads(small("get", kind, "-o", "json").out)
    lines = small("get", kind, "-o", "jsonl").out.splitlines()
    assert whole["version"] == 1
    assert whole["items"] == [json.loads(line) for line in lines]
    assert len(small("get", kind, "-o", "name").out.splitlines()) == len(lines)


def test_a_proxy_that_only_istiod_told_about_is_marked_as_such(meshscope: Run) -> None:
    given = meshscope("get", "clusters", "--view", "istiod", "--from", "small")
    assert given.code == 0
    assert given.error_line == "no cluster evidence in this input"


def test_nobody_named_a_source_so_stderr_says_what_is_read(meshscope: Run) -> None:
    given = meshscope("get", "services")
    assert given.code == 0
    assert given.error_line == "reading the bundled Bookinfo recording; --from reads your own"
    assert meshscope("get", "services", "-q").error_line == given.error_line
    assert meshscope("get", "services", "--from", "demo").err == ""


def test_a_cluster_that_does_not_answer_is_no_reason_to_read_another_mesh(
    meshscope: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    cluster = "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: u, user: {}}]\n"
    kubeconfig.write_text(
        f"{cluster}contexts: [{{name: dead, context: {{cluster: c, user: u}}}}]\ncurrent-context: dead\n"
    )
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    given = meshscope("get", "services")
    assert (given.code, given.out) == (ExitCode.UNREACHABLE, "")
    assert given.error_line.startswith("meshscope: k8s:dead: http://127.0.0.1:1: connection refused")
    assert given.error_line.endswith("; --from demo reads the bundled recording")
    kubeconfig.write_text(f"{cluster}contexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n")
    given = meshscope("get", "services")
    assert given.code == ExitCode.USAGE
    assert "has no current context; --context names one of a; --from demo" in given.error_line
    named = meshscope("get", "services", "--kubeconfig", str(tmp_path / "typo"))
    assert (named.code, named.out) == (ExitCode.USAGE, "")


def test_sources_come_from_the_environment_or_the_configuration_file(
    meshscope: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = meshscope("get", "services", "--from", "small/manifests").out
    config = tmp_path / "config/meshscope/config.yaml"
    config.parent.mkdir(parents=True)
    for text in ("from: small/manifests", "from: [small/manifests]"):
        config.write_text(text)
        assert meshscope("get", "services") == (0, expected, "")
    config.write_text("from: nowhere")
    monkeypatch.setenv("MESHSCOPE_FROM", "small/manifests")
    assert meshscope("get", "services") == (0, expected, "")
    monkeypatch.setenv("MESHSCOPE_FROM", "small/istiod:small/manifests")
    assert meshscope("get", "services").out == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("from: {a: b}", "`from:` is a source or a list of sources"),
        ("from: [1]", "`from:` is a source or a list of sources"),
        ("- from", "`from:` is a source or a list of sources"),
        ("a: b\nfrom: [", "not YAML"),
        ("\x00", "not YAML"),
    ],
)
def test_a_configuration_file_that_says_nothing_readable_is_told(
    text: str, says: str, meshscope: Run, tmp_path: Path
) -> None:
    config = tmp_path / "config/meshscope/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(text)
    given = meshscope("get", "services")
    assert (given.code, given.out) == (2, "")
    assert given.error_line.startswith(f"meshscope: {config}")
    assert given.error_line.endswith(says)


def test_an_empty_configuration_file_says_nothing(meshscope: Run, tmp_path: Path) -> None:
    config = tmp_path / "config/meshscope/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("# from: somewhere\n")
    assert meshscope("get", "services").error_line.startswith("reading the bundled Bookinfo recording")


def test_columns_are_chosen_by_title_field_and_path_in_their_order_and_nothing_is_cut(small: Run) -> None:
    given = small("get", "clusters", "-o", "columns=PORT, service-fqdn,service_name", "--no-color", columns=20)
    titles, first, *_ = given.out.splitlines()
    assert titles.split() == ["PORT", "SERVICE", "FQDN", "service_name"]
    assert "…" not in given.out
    assert first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("clusters", "-o", "columns=prt"), "no column or field 'prt'; did you mean port"),
        (("clusters", "-o", "columns="), "columns= takes titles, fields or paths"),
        (("all", "-o", "columns=port"), "name one kind for -o columns=port"),
        (("clusters", "-w", "-o", "columns=port"), "-w writes tables: -o table or -o wide"),
    ],
)
def test_columns_that_cannot_be_shown_are_an_error(words: tuple[str, ...], message: str, small: Run) -> None:
    given = small("get", *words)
    assert given.code == 2
    assert message in given.err


def test_only_get_takes_columns(small: Run) -> None:
    assert "is not one of" in small("find", "reviews", "-o", "columns=name").err
