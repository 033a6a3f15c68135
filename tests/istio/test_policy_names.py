from __future__ import annotations

import pytest

from meshscope.istio.policy_names import RbacPolicyName, SecretName, parse_rbac_policy, parse_secret_name

from .documents import names


@pytest.mark.parametrize("name", names("rbac_policies.txt"))
def test_every_recorded_policy_name_is_read(name: str) -> None:
    found = parse_rbac_policy(name)
    assert found
    assert f"ns[{found.namespace}]-policy[{found.name}]-rule[{found.rule}]" == name


@pytest.mark.parametrize(
    ("prefix", "suffix", "expected"),
    [
        ("istio-ext-authz-", "", RbacPolicyName("a", "b", 3, custom=True)),
        ("istio-ext-authz-my-ns-provider-", "", RbacPolicyName("a", "b", 3, custom=True, provider="my-ns-provider")),
        ("", "-deny-due-to-bad-CUSTOM-action", RbacPolicyName("a", "b", 3, custom=True, broken=True)),
    ],
)
def test_custom_policies_say_so(prefix: str, suffix: str, expected: RbacPolicyName) -> None:
    assert parse_rbac_policy(f"{prefix}ns[a]-policy[b]-rule[3]{suffix}") == expected


def test_an_old_broken_provider_names_no_policy() -> None:
    found = parse_rbac_policy("default-deny-all-due-to-bad-CUSTOM-action")
    assert found == RbacPolicyName("", "", None, custom=True, broken=True)


@pytest.mark.parametrize(
    "name", ["", "viewer", "ns[a]-policy[b]", "ns[a]-policy[b]-rule[x]", "ns[a]-policy[b]-rule[0]x"]
)
def test_other_policy_names_are_not_read(name: str) -> None:
    assert parse_rbac_policy(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("default", SecretName("workload", "", "default")),
        ("ROOTCA", SecretName("mesh_ca", "", "ROOTCA", ca=True)),
        ("kubernetes://shop-cred", SecretName("kubernetes", "", "shop-cred")),
        ("kubernetes://shop-cred-cacert", SecretName("kubernetes", "", "shop-cred", ca=True)),
        ("kubernetes-gateway://ns/cred", SecretName("kubernetes-gateway", "ns", "cred")),
        ("configmap://ns/roots-cacert", SecretName("configmap", "ns", "roots", ca=True)),
        ("file-cert:/etc/a.pem~/etc/a.key", SecretName("file-cert", "", "/etc/a.pem~/etc/a.key")),
        ("file-root:system", SecretName("file-root", "", "system", ca=True)),
        ("old-cred", SecretName("", "", "old-cred")),
    ],
)
def test_a_secret_name_says_where_the_secret_comes_from(name: str, expected: SecretName) -> None:
    assert parse_secret_name(name) == expected
