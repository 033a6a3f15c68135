"""BackendTLSPolicy: how a gateway connects to a backend by TLS.

https://gateway-api.sigs.k8s.io/reference/spec/#backendtlspolicy
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.gateway_api.policy_status import PolicyStatus
from meshscope.istio.gateway_api.references import LocalObjectReference
from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class LocalPolicyTargetReferenceWithSectionName(Typed, frozen=True, rename="camel"):
    """`section_name` is the name of a Service's port; empty is all."""

    group: str = ""
    kind: str = ""
    name: str = ""
    section_name: str = ""


class SubjectAltName(Typed, frozen=True):
    """`type` Hostname or URI says which of the others is used."""

    type: str = ""
    hostname: str = ""
    uri: str = ""


class BackendTLSPolicyValidation(Typed, frozen=True, rename="camel"):
    """One of `ca_certificate_refs` and `well_known_ca_certificates` (System)."""

    ca_certificate_refs: tuple[LocalObjectReference, ...] = ()
    well_known_ca_certificates: str = field(default="", name="wellKnownCACertificates")
    hostname: str = ""
    subject_alt_names: tuple[SubjectAltName, ...] = ()


class BackendTLSPolicySpec(Typed, frozen=True, rename="camel"):
    target_refs: tuple[LocalPolicyTargetReferenceWithSectionName, ...] = ()
    validation: BackendTLSPolicyValidation = BackendTLSPolicyValidation()
    options: Labels = Labels()


class BackendTLSPolicy(Typed, frozen=True):
    spec: BackendTLSPolicySpec = BackendTLSPolicySpec()
    status: PolicyStatus = PolicyStatus()
