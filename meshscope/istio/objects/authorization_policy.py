"""AuthorizationPolicy: who may do what. https://istio.io/latest/docs/reference/config/security/authorization-policy/"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class Source(Typed, frozen=True, rename="camel"):
    """All members must hold; of each any value will do, of `not_…` none may hold. `*` stands at an end of a value."""

    principals: tuple[str, ...] = ()
    not_principals: tuple[str, ...] = ()
    request_principals: tuple[str, ...] = ()
    not_request_principals: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    not_namespaces: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    not_service_accounts: tuple[str, ...] = ()
    trust_domains: tuple[str, ...] = ()
    not_trust_domains: tuple[str, ...] = ()
    ip_blocks: tuple[str, ...] = ()
    not_ip_blocks: tuple[str, ...] = ()
    remote_ip_blocks: tuple[str, ...] = ()
    not_remote_ip_blocks: tuple[str, ...] = ()


class Operation(Typed, frozen=True, rename="camel"):
    """As of Source."""

    hosts: tuple[str, ...] = ()
    not_hosts: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    not_ports: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    not_methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    not_paths: tuple[str, ...] = ()


class From(Typed, frozen=True):
    source: Source | None = None


class To(Typed, frozen=True):
    operation: Operation | None = None


class Condition(Typed, frozen=True, rename="camel"):
    """`key` is an attribute: `request.headers[x]`, `source.ip` …"""

    key: str = ""
    values: tuple[str, ...] = ()
    not_values: tuple[str, ...] = ()


class Rule(Typed, frozen=True):
    """Any of `from_`, any of `to`, and all of `when`; an empty one holds. `{}` matches everything."""

    from_: tuple[From, ...] = field(default=(), name="from")
    to: tuple[To, ...] = ()
    when: tuple[Condition, ...] = ()


class ExtensionProvider(Typed, frozen=True):
    """One of the mesh's extensionProviders."""

    name: str = ""


class AuthorizationPolicySpec(Typed, frozen=True, rename="camel"):
    """Without `rules` an ALLOW policy allows nothing."""

    selector: PolicySelector | None = None
    target_ref: PolicyTargetReference | None = None
    target_refs: tuple[PolicyTargetReference, ...] = ()
    rules: tuple[Rule, ...] = ()
    action: str = "ALLOW"
    provider: ExtensionProvider | None = None


class AuthorizationPolicy(Typed, frozen=True):
    spec: AuthorizationPolicySpec = AuthorizationPolicySpec()
    status: IstioStatus = IstioStatus()
