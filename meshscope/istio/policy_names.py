"""Grammar of the names under which Istio puts authorization policies and secrets into a proxy."""

from __future__ import annotations

import re

from msgspec import Struct

_RULE = (
    r"(?P<custom>istio-ext-authz-(?:(?P<provider>.+?)-)?)?"
    r"ns\[(?P<namespace>[^\]]+)\]-policy\[(?P<name>[^\]]+)\]-rule\[(?P<rule>\d+)\]"
    r"(?P<broken>-deny-due-to-bad-CUSTOM-action)?"
)
_ALL_DENIED = "default-deny-all-due-to-bad-CUSTOM-action"


class RbacPolicyName(Struct, frozen=True):
    """`ns[default]-policy[viewer]-rule[0]`: an AuthorizationPolicy and the index of one of its rules.

    `custom` policies ask the external authorizer `provider` (named since Istio 1.30). `broken`: the provider is
    unknown, so that the rule denies; up to Istio 1.19 such a rule names no policy and `rule` is None.
    """

    namespace: str
    name: str
    rule: int | None
    custom: bool = False
    provider: str = ""
    broken: bool = False


def parse_rbac_policy(name: str) -> RbacPolicyName | None:
    if name == _ALL_DENIED:
        return RbacPolicyName("", "", None, custom=True, broken=True)
    found = re.fullmatch(_RULE, name)
    if not found:
        return None
    broken = bool(found["broken"])
    return RbacPolicyName(
        found["namespace"],
        found["name"],
        int(found["rule"]),
        custom=bool(found["custom"]) or broken,
        provider=found["provider"] or "",
        broken=broken,
    )


class SecretName(Struct, frozen=True):
    """Where an SDS secret comes from.

    `source` is `workload` (the proxy's own certificate), `mesh_ca` (ROOTCA), `kubernetes`, `kubernetes-gateway`,
    `configmap`, `builtin`, `invalid`, `file-cert`, `file-root`, or `""` for a bare credentialName (Istio 1.4-1.7).
    `namespace` is "" where it is that of the proxy; `name` is a path (`cert~key`) for files. `ca`: it holds a CA.
    """

    source: str
    namespace: str
    name: str
    ca: bool = False


def parse_secret_name(name: str) -> SecretName:
    if name == "default":
        return SecretName("workload", "", name)
    if name == "ROOTCA":
        return SecretName("mesh_ca", "", name, ca=True)
    for scheme in ("file-cert", "file-root"):
        if name.startswith(f"{scheme}:"):
            return SecretName(scheme, "", name.removeprefix(f"{scheme}:"), ca=scheme == "file-root")
    source, found, rest = name.partition("://")
    if not found:
        source, rest = "", name
    namespace, slash, short = rest.partition("/")
    if not slash:
        namespace, short = "", rest
    return SecretName(source, namespace, short.removesuffix("-cacert"), ca=short.endswith("-cacert"))
