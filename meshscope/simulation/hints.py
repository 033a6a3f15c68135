"""What would decide an unknown: fields of Request. Each face spells them in its own way (options, a form's labels, JSON)."""

from __future__ import annotations

from msgspec import Struct


class Hint(Struct, frozen=True):
    """`fields` are fields of Request, one of which is enough; `example` is the form of its value."""

    fields: tuple[str, ...]
    example: str = ""


DESTINATION = Hint(("to",), "IP:PORT")
SOURCE_ADDRESS = Hint(("source_ip",), "IP")
SOURCE_PORT = Hint(("source_port",), "PORT")
DIRECT_SOURCE = Hint(("direct_source_ip",), "IP")
IDENTITY = Hint(("principal",), "spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE_ACCOUNT")
CLIENT_CERTIFICATE = Hint(("client_cert", "principal"))
CLAIMS = Hint(("jwt",), "CLAIM=VALUE")
REQUEST_ID = Hint(("headers",), "x-request-id: VALUE")
