"""One thing changed in a recorded mesh with policies, in the manifests or in a proxy, is told, and of its owner alone."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.istio.policy_names import parse_rbac_policy
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

from .. import recorded
from ..recorded import Json

UNSEEN = r"^spec\.jwtRules\.0\.jwks$"
"""Keys are never compared."""
OBJECTS = [name for name in recorded.recorded("security") if "Authentication" in name or "AuthorizationPolicy" in name]


def other(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    words = {
        "ALLOW": "DENY",
        "DENY": "ALLOW",
        "AUDIT": "DENY",
        "STRICT": "DISABLE",
        "PERMISSIVE": "STRICT",
        "DISABLE": "STRICT",
    }
    return words.get(value, f"{value}x")


@pytest.mark.parametrize("name", OBJECTS)
def test_a_changed_field_of_a_policy_is_told(name: str) -> None:
    healthy = recorded.mesh("security")
    before = recorded.bad(recorded.recorded("security")[name])
    body = msgspec.json.decode(recorded.item(healthy, name).body)
    for path, value in recorded.leaves(body["spec"], ("spec",)):
        if re.search(UNSEEN, ".".join(map(str, path))):
            continue

        def change(body: Json, path: tuple[str | int, ...] = path, value: Json = value) -> None:
            recorded.at(body, path[:-1])[path[-1]] = other(value)

        found = recorded.of(recorded.rewritten(healthy, name, change), name)
        assert recorded.bad(found) - before or any(one.differences for one in found), path


def _rules(dump: Json) -> list[tuple[str, Json]]:
    """Each RBAC policy of the chain of the port 8080 and of the gateway, with the object that it was made of."""
    found = []
    for section in dump["configs"]:
        for entry in section.get("dynamic_listeners", ()):
            for chain in entry["active_state"]["listener"]["filter_chains"]:
                if chain.get("name", "0.0.0.0_8080") != "0.0.0.0_8080":
                    continue
                for one in chain["filters"][0]["typed_config"].get("http_filters", ()):
                    if "rbac" not in one["typed_config"]["@type"]:
                        continue
                    for field in ("rules", "shadow_rules"):
                        for name, rule in one["typed_config"].get(field, {}).get("policies", {}).items():
                            owner = parse_rbac_policy(name)
                            assert owner is not None
                            found.append((f"AuthorizationPolicy {owner.namespace}/{owner.name}", rule))
    return found


@pytest.mark.long
@pytest.mark.parametrize(
    "proxy", ["bank/ledger", "bank/vault", "bank/audit", "default/token", "istio-system/istio-ingress"]
)
def test_a_changed_field_of_an_rbac_policy_is_told_of_its_owner_alone(proxy: str, tmp_path: Path) -> None:
    folder = recorded.unpacked("security", tmp_path)
    (file,) = folder.glob(f"proxies/{proxy}*/config_dump.json")
    file.chmod(0o644)
    original = json.loads(file.read_text())
    before = {name: recorded.bad(found) for name, found in recorded.recorded("security").items()}
    rules = _rules(original)
    assert rules
    for number, (owner, rule) in enumerate(rules):
        for path, value in recorded.leaves(rule):
            if path[-1] == "name" and "uri_template" in path:
                continue
            dump = copy.deepcopy(original)
            recorded.at(_rules(dump)[number][1], path[:-1])[path[-1]] = other(value)
            file.write_text(json.dumps(dump))
            after = recorded.judged(Mesh(open_snapshot(str(folder))))
            told = {name for name, found in after.items() if recorded.bad(found) - before[name]}
            named = {name for name, found in after.items() if any(one.differences for one in found)}
            assert told | named == {owner}, path


def test_a_policy_of_which_a_proxy_lost_a_rule_is_not_in_effect_there(tmp_path: Path) -> None:
    folder = recorded.unpacked("security", tmp_path)
    (file,) = folder.glob("proxies/default/token*/config_dump.json")
    file.chmod(0o644)
    name = '"ns[default]-policy[token]-rule[1]"'
    text = file.read_text()
    assert name in text
    file.write_text(text.replace(name, '"ns[default]-policy[other]-rule[1]"'))
    found = recorded.judged(Mesh(open_snapshot(str(folder))))["AuthorizationPolicy default/token"]
    assert {one.rule: one.state for one in found} == {
        "rules[0]": State.IN_EFFECT,
        "rules[1]": State.NOT_IN_EFFECT,
        "rules[2]": State.IN_EFFECT,
    }
