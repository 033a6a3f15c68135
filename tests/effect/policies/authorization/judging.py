"""One rule of a policy at a sidecar with the chains that a test writes."""

from __future__ import annotations

from typing import Any

from meshscope.effect.answer import RuleEffect

from ....mesh.meshes import NETWORK
from .. import small_mesh
from ..small_mesh import HTTP, Json, extension, inbound, policy

NAME = "ns[shop]-policy[p]-rule[0]"
ANY: Json = {
    "permissions": [{"and_rules": {"rules": [{"any": True}]}}],
    "principals": [{"and_ids": {"ids": [{"any": True}]}}],
}
NEVER: Json = {"permissions": [{"not_rule": {"any": True}}], "principals": [{"not_id": {"any": True}}]}


def rbac(policies: Json, action: str = "ALLOW", *, field: str = "rules", tcp: bool = False) -> Json:
    where = f"{NETWORK}.rbac.v3.RBAC" if tcp else f"{HTTP}.rbac.v3.RBAC"
    return extension(where, **{field: {"action": action, "policies": policies}})


def one(spec: Json, *chains: Json, version: str = "1.31.0", config: Json = None, **metadata: Any) -> RuleEffect:
    """Of the only rule of a policy at a sidecar with these chains."""
    proxy = small_mesh.proxy(inbound(*chains), version=version)
    (found,) = small_mesh.judged(small_mesh.mesh(proxy, policy("AuthorizationPolicy", spec, **metadata), config=config))
    return found


def allowing(rule: Json) -> Json:
    return {"selector": {"matchLabels": {"app": "web"}}, "rules": [rule]}
