"""The authorities that a backend's certificate is verified with, and the names that it must have.

https://gateway-api.sigs.k8s.io/reference/spec/#backendtlspolicyvalidation
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.effect.gateway_api.sources import Sources
from meshscope.istio.gateway_api.backend_tls_policy import BackendTLSPolicyValidation
from meshscope.istio.raw_json import members_of

INVALID = "invalid://"
"""A certificate that no Secret has."""
_KEYS = ("cacert", "ca.crt")


def credential(sources: Sources, validation: BackendTLSPolicyValidation, namespace: str) -> tuple[str, str]:
    """The name by which proxies ask for the authorities, "" for those of the system; and why it is INVALID."""
    if validation.well_known_ca_certificates or not validation.ca_certificate_refs:
        return "", ""
    ref = validation.ca_certificate_refs[0]
    if (ref.group, ref.kind) != ("", "ConfigMap"):
        return (
            INVALID,
            f"its certificate authority is a {ref.kind}, and istiod takes ConfigMaps alone",
        )
    if _is_empty(sources, namespace, ref.name):
        because = f"ConfigMap {namespace}/{ref.name} has no certificate under {' or '.join(_KEYS)}"
        return INVALID, because
    return f"configmap://{namespace}/{ref.name}", ""


def ends_as(because: str, kind: str, *, is_closed: bool) -> str:
    """Why there are no authorities, and what becomes of connections of a client of that `kind`, "" for any. Sidecars connect
    without TLS unless `is_closed`, as since UNRESOLVED_CA.
    """
    if is_closed or kind == "gateway":
        return f"{because}: connections fail"
    plain = "sidecars connect in plain text"
    return f"{because}: {plain}" if kind else f"{because}: gateways fail to connect, and {plain}"


def _is_empty(sources: Sources, namespace: str, name: str) -> bool:
    """One that is in the input and has nothing under the keys that istiod looks for."""
    item = sources.named("ConfigMap", "", namespace, name)
    if item is None:
        return False
    data = members_of(members_of(item.body).get("data", Raw()))
    return all(bytes(data.get(key, Raw(b'""'))) == b'""' for key in _KEYS)


def names_of(validation: BackendTLSPolicyValidation) -> tuple[str, ...]:
    names = (one.hostname if one.type == "Hostname" else one.uri for one in validation.subject_alt_names)
    return tuple(name for name in names if name)
