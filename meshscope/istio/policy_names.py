"""Grammar of Istio's names of authorization policies and secrets in a proxy's configuration."""

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

    `custom` policies use the external authorizer `provider` (part of the name since Istio 1.30). `broken`: the provider
    does not exist, so the rule denies; up to Istio 1.19 such a rule names no policy, and `rule` is None.
    """

    namespace: str
    name: str
    rule: int | None
    custom: bool = False
    provider: str = ""
    broken: bool = False

    @property
    def owner(self) -> str | None:
        """The object and its rule in words, None where the name tells no object."""
        if not self.name:
            return None
        return f"AuthorizationPolicy {self.namespace}/{self.name}{'' if self.rule is None else f' rules[{self.rule}]'}"


def parse_rbac_policy(name: str) -> RbacPolicyName | None:
    if name == _ALL_DENIED:
        return RbacPolicyName("", "", None, custom=True, broken=True)
    match = re.fullmatch(_RULE, name)
    if not match:
        return None
    broken = bool(match["broken"])
    return RbacPolicyName(
        match["namespace"],
        match["name"],
        int(match["rule"]),
        custom=bool(match["custom"]) or broken,
        provider=match["provider"] or "",
        broken=broken,
    )


class SecretName(Struct, frozen=True):
    """The source of an SDS secret.

    `source` is `workload` (the proxy's own certificate), `mesh_ca` (ROOTCA), `kubernetes`, `kubernetes-gateway`,
    `configmap`, `builtin`, `invalid`, `file-cert`, `file-root`, or `""` for a bare credentialName (Istio 1.4-1.7).
    `namespace` is "" for the proxy's own; `name` is a path (`cert~key`) for files. `ca` marks a CA certificate.
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
    source, separator, rest = name.partition("://")
    if not separator:
        source, rest = "", name
    namespace, slash, short = rest.partition("/")
    if not slash:
        namespace, short = "", rest
    return SecretName(source, namespace, short.removesuffix("-cacert"), ca=short.endswith("-cacert"))
