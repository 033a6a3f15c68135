"""RequestAuthentication: which JWTs a workload accepts.

https://istio.io/latest/docs/reference/config/security/request_authentication/
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class JWTHeader(Typed, frozen=True):
    name: str = ""
    prefix: str = ""


class ClaimToHeader(Typed, frozen=True):
    header: str = ""
    claim: str = ""


class JWTRule(Typed, frozen=True, rename="camel"):
    """Keys are in `jwks` itself, or below `jwks_uri`, which has an old spelling too. `timeout` is a duration.

    Without `from_headers`, `from_params` and `from_cookies` the token is in `Authorization: Bearer` or `?access_token`.
    """

    issuer: str = ""
    audiences: tuple[str, ...] = ()
    jwks_uri: str = ""
    old_jwks_uri: str = field(default="", name="jwks_uri")
    jwks: str = ""
    from_headers: tuple[JWTHeader, ...] = ()
    from_params: tuple[str, ...] = ()
    from_cookies: tuple[str, ...] = ()
    output_payload_to_header: str = ""
    forward_original_token: bool = False
    output_claim_to_headers: tuple[ClaimToHeader, ...] = ()
    timeout: str = ""
    space_delimited_claims: tuple[str, ...] = ()
    presence: str = "OPTIONAL"


class RequestAuthenticationSpec(Typed, frozen=True, rename="camel"):
    selector: PolicySelector | None = None
    target_ref: PolicyTargetReference | None = None
    target_refs: tuple[PolicyTargetReference, ...] = ()
    jwt_rules: tuple[JWTRule, ...] = ()


class RequestAuthentication(Typed, frozen=True):
    spec: RequestAuthenticationSpec = RequestAuthenticationSpec()
    status: IstioStatus = IstioStatus()
