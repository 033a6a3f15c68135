"""`original_ip_detection_extensions`: the first that finds an address, or refuses the request, decides.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.forwarded_for import is_only_address, last_address, plain_address
from meshscope.simulation.matching.addresses import Prefix, ip_of, prefix_of
from meshscope.xds.extension import Extension, unpacked
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.original_ip_detection import CustomHeaderConfig, HttpStatus, XffConfig

_PACKAGE = "envoy.extensions.http.original_ip_detection."
_KINDS: dict[str, type[XffConfig | CustomHeaderConfig]] = {
    f"{_PACKAGE}xff.v3.XffConfig": XffConfig,
    f"{_PACKAGE}custom_header.v3.CustomHeaderConfig": CustomHeaderConfig,
}
_FORBIDDEN = 403


class Detected(Struct, frozen=True):
    """`ip` None: none found, so that the peer's counts. `may_be_internal`: it is looked up in the internal ranges.

    `appends`: the peer is written behind x-forwarded-for. `refused` is the code of the answer, 0 for none.
    """

    ip: str | None = None
    may_be_internal: bool = False
    appends: bool = False
    refused: int = 0
    assuming: tuple[str, ...] = ()


def detect(
    extensions: tuple[Extension, ...], forwarded: str | None, connection: Connection, request: HttpRequest
) -> Detected:
    """`forwarded` is all of x-forwarded-for in one."""
    appends = False
    for extension in extensions:
        config = _config(extension)
        if config is None:
            name = extension.type_name or extension.name
            return Detected(assuming=(f"original IP detection {name} detects the peer's own address",))
        if isinstance(config, CustomHeaderConfig):
            found = _in_header(config, request)
        elif config.xff_trusted_cidrs is not None:
            found = _behind_trusted(config, forwarded, connection.source_ip)
        else:
            hops = config.xff_num_trusted_hops
            found = Detected(
                last_address(forwarded, hops), is_only_address(forwarded, hops), not config.skip_xff_append
            )
        appends = appends or found.appends
        if found.ip or found.refused or found.assuming:
            return Detected(found.ip, found.may_be_internal, appends, found.refused, found.assuming)
    return Detected(appends=appends)


def _config(extension: Extension) -> XffConfig | CustomHeaderConfig | None:
    kind = _KINDS.get(extension.type_name)
    if kind is None:
        return None
    body = unpacked(extension.typed_config)[1]
    config = decode(body if present(body) else Raw(b"{}"), kind)
    return None if isinstance(config, Undecodable) else config


def _in_header(config: CustomHeaderConfig, request: HttpRequest) -> Detected:
    """The first value, if it is an address; else the request may be refused."""
    ip = plain_address(next(iter(request.values(config.header_name)), ""))
    if ip is None and config.reject_with_status is not None:
        return Detected(refused=_code(config.reject_with_status))
    return Detected(ip, config.allow_extension_to_set_address_as_trusted)


def _behind_trusted(config: XffConfig, forwarded: str | None, peer: str | None) -> Detected:
    """The last address that is not trusted, else the first one; where the peer itself is not trusted, none."""
    cidrs = config.xff_trusted_cidrs.cidrs if config.xff_trusted_cidrs else ()
    trusted = tuple(prefix for cidr in cidrs if (prefix := prefix_of(cidr)) is not None)
    if peer is None:
        return Detected(assuming=("the peer, whose address is not given, is none of xff_trusted_cidrs",))
    if not _is_in(peer, trusted):
        return Detected(appends=True)
    found = None
    for part in reversed((forwarded or "").split(",")):
        found = plain_address(part)
        if found is None or not _is_in(found, trusted):
            break
    return Detected(found, is_only_address(forwarded, 0), not config.skip_xff_append)


def _is_in(text: str, ranges: tuple[Prefix, ...]) -> bool:
    address = ip_of(text)
    return address is not None and any(one.holds(address) for one in ranges)


def _code(status: HttpStatus) -> int:
    """Envoy refuses with errors only; any other status counts as 403."""
    from http import HTTPStatus  # few configurations name one

    codes = {known.name.replace("_", "").lower(): known.value for known in HTTPStatus}
    code = status.code if isinstance(status.code, int) else codes.get(status.code.lower(), 0)
    return code if 400 <= code < 600 else _FORBIDDEN
