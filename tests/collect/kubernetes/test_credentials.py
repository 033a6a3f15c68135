"""Which cluster, and as whom: the user's kubeconfig, with every mistake told in one line."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from base64 import b64encode
from pathlib import Path

import pytest

from meshscope.collect.kubernetes.credentials import find_access
from meshscope.collect.kubernetes.current import current_context
from meshscope.collect.live_source import KubernetesSource, live_source
from meshscope.errors import UnreachableError, UsageError

from .. import certificate
from .api_server import ApiServer
from .mesh import collected


def changed(file: Path, **fields: object) -> Path:
    """The kubeconfig with other fields for its user."""
    config = json.loads(file.read_text())
    config["users"][0]["user"] = fields
    file.write_text(json.dumps(config))
    return file


def test_an_unknown_context_names_the_nearest(kubeconfig: Path) -> None:
    with pytest.raises(UsageError, match=r"k8s:tset: no context 'tset' in the kubeconfig; did you mean test") as told:
        collected(kubeconfig, "k8s:tset")
    assert "\n" not in str(told.value)


def test_a_context_that_is_not_current_has_its_own_namespace(kubeconfig: Path) -> None:
    config = json.loads(kubeconfig.read_text())
    config["contexts"][1]["context"]["namespace"] = "shop"
    kubeconfig.write_text(json.dumps(config))
    access = asyncio.run(find_access("test-elsewhere", str(kubeconfig)))
    assert (access.context, access.context_namespace) == ("test-elsewhere", "shop")


@pytest.mark.parametrize(
    ("source", "namespace"),
    [
        ("k8s:arn:aws:eks:eu-1:7:cluster/prod", ""),
        ("k8s:arn:aws:eks:eu-1:7:cluster/prod/shop", "shop"),
        ("k8s:test/shop", "shop"),
    ],
)
def test_a_context_may_have_slashes_in_its_name(kubeconfig: Path, source: str, namespace: str) -> None:
    config = json.loads(kubeconfig.read_text())
    config["contexts"].append(config["contexts"][0] | {"name": "arn:aws:eks:eu-1:7:cluster/prod"})
    kubeconfig.write_text(json.dumps(config))
    written = live_source(source)
    assert isinstance(written, KubernetesSource)
    access = asyncio.run(find_access(written.context, str(kubeconfig), written.namespace))
    assert source.startswith(f"k8s:{access.context}")
    assert access.namespace == namespace


def test_a_cluster_that_is_not_there_is_one_line(kubeconfig: Path) -> None:
    with pytest.raises(UnreachableError, match=r"https://127.0.0.1:1: .*refused; `kubectl --context test-elsewhere"):
        collected(kubeconfig, "k8s:test-elsewhere")


def test_a_server_with_a_foreign_certificate_is_not_trusted(cluster: ApiServer, kubeconfig: Path) -> None:
    config = json.loads(kubeconfig.read_text())
    config["clusters"][0]["cluster"].pop("certificate-authority-data")
    kubeconfig.write_text(json.dumps(config))
    with pytest.raises(UnreachableError, match="certificate"):
        collected(kubeconfig)
    assert cluster.asked == []


def test_no_kubeconfig_at_all_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--kubeconfig FILE"):
        asyncio.run(find_access("", str(tmp_path / "nothing")))


@pytest.mark.parametrize(
    "text", ["", "7", "[]", "{}", "users: [", "contexts: [{}]\ncurrent-context: a", "current-context: a"]
)
def test_a_kubeconfig_that_is_none_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(UsageError) as told:
        asyncio.run(find_access("", str(file)))
    assert str(told.value).startswith("k8s:")
    assert "\n" not in str(told.value)


def test_a_kubeconfig_may_be_a_pipe(kubeconfig: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(kubeconfig.read_bytes()), daemon=True)
    writer.start()
    assert asyncio.run(find_access("", str(tmp_path / "pipe"))).context == "test"
    with pytest.raises(UsageError, match="a kubeconfig of its own"):
        asyncio.run(find_access("", f"{kubeconfig}{os.pathsep}{tmp_path / 'pipe'}"))


def test_files_that_do_not_end_are_refused(kubeconfig: Path, tmp_path: Path) -> None:
    long = tmp_path / "long"
    with long.open("wb") as file:
        file.truncate(1 << 40)
    for place in ("/dev/zero", str(long)):
        with pytest.raises(UsageError, match=f"--kubeconfig {place}: longer than"):
            asyncio.run(find_access("", place))
        named = changed(kubeconfig, **{"client-certificate": place, "client-key": place})
        with pytest.raises(UsageError, match=f"{place}: longer than"):
            asyncio.run(find_access("", str(named)))


def test_an_exec_plugin_gives_the_token(kubeconfig: Path, tmp_path: Path) -> None:
    token = {"kind": "ExecCredential", "status": {"token": "let-me-in"}}
    (tmp_path / "token.json").write_text(json.dumps(token))
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "cat", "args": [str(tmp_path / "token.json")]}
    access = asyncio.run(find_access("", str(changed(kubeconfig, exec=plugin))))
    assert access.token == "let-me-in"  # noqa: S105  # the test server's


@pytest.mark.parametrize(
    ("command", "said"),
    [("false", "no credentials: Process exited with non-zero code 1"), ("no-such-plugin", "no-such-plugin")],
)
def test_an_exec_plugin_that_fails_is_one_line(kubeconfig: Path, command: str, said: str) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": command}
    with pytest.raises(UnreachableError, match=said) as told:
        asyncio.run(find_access("", str(changed(kubeconfig, exec=plugin))))
    assert "\n" not in str(told.value)


def test_keys_of_a_kubeconfig_do_not_stay_behind_in_files(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    pem, key = certificate._pems()
    data = {"client-certificate-data": b64encode(pem).decode(), "client-key-data": b64encode(key).decode()}
    access = asyncio.run(find_access("", str(changed(kubeconfig, **data))))
    assert access.tls is not True
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_key_file_that_the_kubeconfig_names_is_left_alone(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = [tmp_path / "tmpcert", tmp_path / "tmpkey"]
    for file, pem in zip(files, certificate._pems(), strict=True):
        file.write_bytes(pem)
    asyncio.run(
        find_access("", str(changed(kubeconfig, **{"client-certificate": str(files[0]), "client-key": str(files[1])})))
    )
    assert all(file.is_file() for file in files)


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("contexts: [{name: a}]\ncurrent-context: a", "a"),
        ("contexts: [{name: a}]", ""),
        ("[", ""),  # whoever asks the cluster says why it does not read
        ("contexts: []\ncurrent-context: a", None),
        ("", None),
    ],
)
def test_the_current_context_is_known_without_asking_its_cluster(
    text: str, context: str | None, tmp_path: Path
) -> None:
    (tmp_path / "kubeconfig").write_text(text)
    assert current_context(str(tmp_path / "kubeconfig")) == context


def test_a_kubeconfig_that_is_a_pipe_is_left_for_who_asks_the_cluster(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert current_context(str(tmp_path / "pipe")) == ""


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_without_a_kubeconfig_the_question_costs_nothing(tmp_path: Path) -> None:
    code = f"""
import sys
from meshscope.collect.kubernetes.current import current_context
print(repr(current_context({str(tmp_path / "none")!r})), [name for name in ("asyncio", "httpx", "kr8s") if name in sys.modules])
"""
    assert _python(code) == "None []"


def test_without_the_client_one_line_says_how_to_get_it(kubeconfig: Path) -> None:
    code = f"""
import sys
sys.modules.update(kr8s=None, wsproto=None)
from meshscope.collect.kubernetes.current import current_context
from meshscope.collect.live import Live
from meshscope.collect.opening import open_snapshot
from meshscope.collect.live_source import KubernetesSource, live_source
from meshscope.errors import UsageError
try:
    open_snapshot("k8s:", live=Live(kubeconfig={str(kubeconfig)!r}))
except UsageError as error:
    print(error, repr(current_context({str(kubeconfig)!r})))
"""
    assert _python(code) == "k8s: needs the Kubernetes client: pip install 'meshscope[k8s]' 'test'"


@pytest.mark.skipif(sys.platform == "win32", reason="devices of POSIX")
def test_a_kubeconfig_that_does_not_end_is_refused_and_none_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"--kubeconfig /dev/zero: longer than 16,777,216 bytes"):
        asyncio.run(find_access("", "/dev/zero"))
    monkeypatch.setenv("KUBECONFIG", "/dev/null")
    assert current_context() is None
    with pytest.raises(UsageError, match="in the kubeconfig; there are none"):
        asyncio.run(find_access("x"))
