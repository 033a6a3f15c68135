"""A credential for the upstream, from a secret or fetched.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/credential_injector/v3/credential_injector.proto
"""

from __future__ import annotations

from meshscope.xds.extension import Extension
from meshscope.xds.message import Message

GENERIC = "envoy.extensions.http.injected_credentials.generic.v3.Generic"
OAUTH2 = "envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2"


class CredentialInjector(Message, frozen=True):
    overwrite: bool = False
    allow_request_without_credential: bool = False
    credential: Extension = Extension()


class GenericCredential(Message, frozen=True):
    header: str = ""
    header_value_prefix: str = ""
