from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope.cli.app import run

from .running import DATA, ROOT, Answer


def offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str) -> list[str]:
    """What a shell offers for the last word of a line; for a new word where the line ends in a space."""
    monkeypatch.setenv("_MESHSCOPE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_WORDBREAKS", " \t\n\"'><=;|&(:")
    with pytest.raises(SystemExit):
        run([])
    return [found.partition(",")[2] for found in capsys.readouterr().out.splitlines() if found]


PRODUCTPAGE = "productpage-v1-12eae82901-8b536.default"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "meshscope ",
            ["ui", "trace", "effect", "get", "describe", "find", "pc", "record", "report", "config", "completion"],
        ),
        ("meshscope get rou", ["routes"]),
        ("meshscope get routes --proxy prod", ["productpage-v1", PRODUCTPAGE]),
        ("meshscope pc routes prod", ["productpage-v1", PRODUCTPAGE]),
        ("meshscope get routes -o js", ["json", "jsonl", "jsonpath="]),
        ("meshscope get routes --sort-by do", ["domains"]),
        ("meshscope get routes --direction in", ["inbound", "inbound-vip"]),
        ("meshscope describe virtuals", ["virtualservices/"]),
        ("meshscope describe vs/", ["vs/bookinfo.default", "vs/ratings.default", "vs/reviews.default"]),
        ("meshscope describe vs re", ["reviews.default"]),
        ("meshscope get vs re", ["reviews.default"]),
        ("meshscope get clusters 'outbound|9080|v1|rev", ["outbound|9080|v1|reviews.default.svc.cluster.local"]),
        ("meshscope get routes --dir", ["--direction"]),
        ("meshscope completion b", ["bash"]),
        ("meshscope ui --theme solar", ["solarized-dark", "solarized-light"]),
        ("meshscope get vs/re", ["vs/reviews.default"]),
        ("meshscope find vs/re", ["vs/reviews.default"]),
        ("meshscope find revi", ["reviews.default.svc.cluster.local"]),
        ("meshscope get clusters --fqdn rev", ["reviews.default.svc.cluster.local"]),
        ("meshscope get endpoints --status HEAL", ["HEALTHY"]),
        ("meshscope get routes -n def", ["default"]),
        ("meshscope trace productpage rev", ["reviews"]),
        ("meshscope trace productpage http://reviews.default.svc.cluster.local:9", ["9080/"]),
        (
            "meshscope trace productpage 'http://reviews.default.svc.cluster.local:9",
            ["http://reviews.default.svc.cluster.local:9080/"],
        ),
        ("meshscope trace productpage reviews -H 'end-user: j", ["end-user: jason"]),
        ("meshscope get nokind x", []),
        ("meshscope describe nokind/x", []),
        ("meshscope get routes --from nowhere --proxy prod", []),
    ],
)
def test_words_and_names_are_completed_from_the_input(
    line: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESHSCOPE_FROM", "small")
    assert offered(monkeypatch, capsys, line) == words


def test_a_name_that_a_shell_would_obey_is_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "envoy.json"
    file.write_text('{"static_resources": {"clusters": [{"name": "a\\nplain,b"}, {"name": "a-good-one"}]}}')
    monkeypatch.setenv("MESHSCOPE_FROM", str(file))
    assert offered(monkeypatch, capsys, "meshscope get clusters a") == ["a-good-one"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(shell: str, meshscope: Callable[..., Answer]) -> None:
    given = meshscope("completion", shell)
    assert (given.code, given.err) == (0, "")
    assert "_MESHSCOPE_COMPLETE" in given.out


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(
    ("word", "reply"),
    [
        ("outbound", r"outbound\|9080\|v1\|ratings.default.svc.cluster.local"),
        ("'outbound", "outbound|9080|v1|ratings.default.svc.cluster.local"),
    ],
)
def test_bash_quotes_a_clusters_name_unless_the_user_has_begun_to(word: str, reply: str, tmp_path: Path) -> None:
    program = tmp_path / "meshscope"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m meshscope "$@"\n')
    program.chmod(0o755)
    script = """
        source <(meshscope completion bash)
        COMP_WORDS=(meshscope get clusters "$WORD|9080|v1|rat") COMP_CWORD=3
        COMP_LINE="meshscope get clusters $TYPED" COMP_POINT=80
        _meshscope_completion meshscope
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "WORD": word}
    env["TYPED"] = f"{word}|9080|v1|rat" if word.startswith("'") else rf"{word}\|9080\|v1\|rat"
    env["MESHSCOPE_FROM"] = "small"
    shell = subprocess.run(["bash", "-c", script], env=env, cwd=DATA, capture_output=True, text=True, check=True)
    assert shell.stdout == reply + "\n"


def test_contexts_of_the_kubeconfig_are_completed_as_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, text in enumerate(("contexts: [{name: prod}, {name: proxy-lab}]", "contexts: 7", "{", "")):
        (tmp_path / str(number)).write_text(text)
    monkeypatch.setenv("KUBECONFIG", ":".join(str(tmp_path / str(number)) for number in range(5)))
    assert offered(monkeypatch, capsys, "meshscope get routes --from 'k8s:pr") == ["k8s:prod", "k8s:proxy-lab"]
    assert offered(monkeypatch, capsys, "meshscope get routes --from k8s:pr") == ["prod", "proxy-lab"]
    assert offered(monkeypatch, capsys, "meshscope get routes --context prox") == ["proxy-lab"]
    assert offered(monkeypatch, capsys, "meshscope get routes --from de") == ["demo"]


def test_names_of_the_demo_do_not_stand_for_those_of_a_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MESHSCOPE_FROM", raising=False)
    monkeypatch.setenv("KUBECONFIG", os.devnull)
    assert offered(monkeypatch, capsys, "meshscope get vs re") == ["reviews.default"]
    (tmp_path / "kubeconfig").write_text("contexts: [{name: prod}]\ncurrent-context: prod")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    assert offered(monkeypatch, capsys, "meshscope get vs re") == []
    assert offered(monkeypatch, capsys, "meshscope get virtuals") == ["virtualservices"]
