"""The k9s plugins hold to k9s' schema, and each of their command lines is one that meshscope takes."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest
import yaml

from meshscope.cli.app import command
from meshscope.collect.live_source import KubernetesSource, live_source

from .running import ROOT

PLUGINS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "contrib/k9s/plugins.yaml").read_text())["plugins"]
CONTEXT = "arn:aws:eks:eu-west-1:123456789012:cluster/prod"
VALUES = {
    "NAME": "reviews-v1-7d8c5d6f4b-x2x9k",
    "NAMESPACE": "default",
    "CONTEXT": CONTEXT,
    "INPUT_DEST": "http://reviews:9080/reviews/0",
    "INPUT_SOURCE": "productpage",
    "INPUT_PORT": "9080/reviews/0",
}
K9S_VARIABLE = r"\$(!?[\w|-]+)"
"""As k9s finds what to fill in: https://github.com/derailed/k9s/blob/master/internal/view/env.go"""
INPUT_TYPES = ("string", "number", "bool", "dropdown")


def filled(argument: str) -> str:
    """Raises KeyError for a variable that k9s would not know either."""
    return re.sub(K9S_VARIABLE, lambda found: VALUES[found[1]], argument)


def words(plugin: dict[str, Any]) -> list[str]:
    """What meshscope gets: the shell's script passes on what follows its name."""
    option, script, name, *arguments = map(filled, plugin["args"])
    assert (plugin["command"], option, name) == ("sh", "-c", "meshscope")
    assert script.startswith('meshscope "$@" ')
    return arguments


def parsed(arguments: list[str]) -> click.Context:
    """As the real command line reads them, without doing anything."""
    with command.make_context("meshscope", list(arguments)) as group:
        verb = command.get_command(group, arguments[0])
        assert verb is not None
        return verb.make_context(arguments[0], arguments[1:], parent=group)


@pytest.mark.parametrize("plugin", PLUGINS.values(), ids=PLUGINS)
def test_a_plugin_is_what_k9s_expects(plugin: dict[str, Any]) -> None:
    texts = ("shortCut", "description", "command")
    assert all(isinstance(plugin[key], str) and plugin[key] for key in texts)
    assert plugin.keys() <= {*texts, "scopes", "args", "background", "confirm", "inputs"}
    assert all(isinstance(word, str) for word in (*plugin["scopes"], *plugin["args"]))
    assert plugin["background"] is False
    for one in plugin.get("inputs", ()):
        assert one.keys() == {"name", "label", "type", "required"}
        assert one["type"] in INPUT_TYPES
        assert f"$INPUT_{one['name'].upper()}" in " ".join(plugin["args"])


@pytest.mark.parametrize("plugin", PLUGINS.values(), ids=PLUGINS)
def test_its_command_line_is_one_that_meshscope_takes(plugin: dict[str, Any]) -> None:
    arguments = words(plugin)
    context = parsed(arguments)
    assert context.args == []
    assert [live_source(source) for source in context.params["sources"]] == [KubernetesSource()]
    assert context.params["context"] == CONTEXT


def test_a_command_line_that_meshscope_does_not_take_would_be_seen() -> None:
    with pytest.raises(click.UsageError):
        parsed(["get", "routes", "--pod", "x"])
    with pytest.raises(KeyError):
        filled("$POD_NAME")


def test_words_are_where_meshscope_looks_for_them() -> None:
    found = {name: parsed(words(plugin)).params for name, plugin in PLUGINS.items()}
    pod = f"{VALUES['NAME']}.default"
    assert found["meshscope-trace-from-pod"]["words"] == (pod, "http://reviews:9080/reviews/0")
    assert found["meshscope-trace-to-service"]["words"] == ("productpage", f"{pod}:9080/reviews/0")
    assert found["meshscope-routes-of-pod"]["proxy"] == pod
    assert found["meshscope-clusters-of-pod"]["output"] == "wide"
    assert found["meshscope-describe-virtualservice"]["what"] == f"virtualservice/{pod}"


def test_no_two_plugins_of_a_view_have_the_same_key() -> None:
    keys = [(scope, plugin["shortCut"]) for plugin in PLUGINS.values() for scope in plugin["scopes"]]
    assert len(keys) == len(set(keys))
