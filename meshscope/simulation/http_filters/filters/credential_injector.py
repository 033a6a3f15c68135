"""`envoy.filters.http.credential_injector`: a header with a credential for the upstream; 401 where there is none.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/credential_injector_filter
A dump hides secrets: the value of the header is unknown to the filters after it.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.headers.inline import GAP, set_header
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    by_most_specific,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.xds.credential_injector import GENERIC, OAUTH2, CredentialInjector, GenericCredential
from meshscope.xds.message import Undecodable, decode

HEADER = "authorization"


def _filter(entry: FilterEntry, config: CredentialInjector) -> Filter:
    kind = config.credential.type_name
    generic = decode(config.credential.typed_config, GenericCredential) if kind == GENERIC else GenericCredential()
    if kind not in (GENERIC, OAUTH2) or isinstance(generic, Undecodable):
        because = f"the credential {kind or config.credential.name} is not modelled"
        return lambda request, _: assumed_to_pass(request, entry, because)
    name = generic.header.lower() or HEADER
    text = f"{generic.header_value_prefix}{GAP}" if kind == GENERIC else f"Bearer {GAP}"

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if request.values(name) and not config.overwrite:
            return passes(request, context, entry, f"header {name} is there")
        changed = replace(
            request, headers=set_header(request.headers, name, text), hidden=request.hidden | frozenset({name})
        )
        injected = passes(changed, context, entry, f"writes a credential into header {name}")
        if kind == GENERIC:
            return injected
        if config.allow_request_without_credential:
            without = passes(request, context, entry, "there is no credential")[0]
        else:
            response = local_reply(request, 401, "failed_to_inject_credential")
            without = ends(Disposition.DENIED, response, entry, "there is no credential")[0]
        return under_condition(injected[0], "a token was fetched"), under_condition(without, "no token was fetched")

    return run


make = by_most_specific(CredentialInjector, "a credential to inject", _filter)
