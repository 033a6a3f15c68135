"""TLS that ends at a gateway: the transport socket of a server's filter chain, made after that of another server.

https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.istio.objects.server_tls import ServerTLSSettings
from meshscope.overlay.draft import Json

_AUTHORITIES = "-cacert"
_AUTO = "TLS_AUTO"
_KUBERNETES, _GATEWAYS = "kubernetes", "kubernetes-gateway"
_LIMITS = (
    ("min_protocol_version", "tls_minimum_protocol_version"),
    ("max_protocol_version", "tls_maximum_protocol_version"),
)
_NOTHING = ServerTLSSettings()


class Example(Struct, frozen=True, eq=False):
    """The settings of a server that a proxy has, its protocol, and the socket of its chain."""

    protocol: str
    tls: ServerTLSSettings
    socket: Json


def server_socket(protocol: str, tls: ServerTLSSettings, examples: Iterable[Example]) -> Json | None:
    """None where no other server tells how istiod writes such settings. Names of Secrets and versions of TLS may be others."""
    fitting = [one for one in examples if one.protocol == protocol and _alike(one.tls, tls)]
    for one in sorted(fitting, key=lambda one: (_limits(one.tls) != _limits(tls), one.tls != tls)):
        if _limits(one.tls) != _limits(tls) and not _is_written(one.tls, tls):
            continue
        socket = copy.deepcopy(one.socket)
        if one.tls.credential_name == tls.credential_name or _rename(
            socket, one.tls.credential_name, tls.credential_name
        ):
            _limit(socket, tls)
            return socket
    return None


def _alike(one: ServerTLSSettings, other: ServerTLSSettings) -> bool:
    return _rest(one) == _rest(other) and _scheme(one.credential_name) == _scheme(other.credential_name)


def _rest(one: ServerTLSSettings) -> ServerTLSSettings:
    return replace(
        one, credential_name="", min_protocol_version=_AUTO, max_protocol_version=_AUTO, https_redirect=False
    )


def _scheme(name: str) -> str:
    """Secrets of Kubernetes are asked for in one way, whatever names them; there are others, of files and of the pod itself."""
    scheme = name.partition("://")[0] if "://" in name else _KUBERNETES if name else ""
    return _KUBERNETES if scheme == _GATEWAYS else scheme


def _resource(name: str) -> str:
    """As proxies ask for a Secret."""
    return name if "://" in name else f"{_KUBERNETES}://{name}"


def _limits(one: ServerTLSSettings) -> tuple[str, str]:
    return one.min_protocol_version, one.max_protocol_version


def _is_written(one: ServerTLSSettings, other: ServerTLSSettings) -> bool:
    """Whether each limit that differs is said by `other`: what istiod writes for `TLS_AUTO` depends on the mesh."""
    return all(mine == theirs or theirs != _AUTO for mine, theirs in zip(_limits(one), _limits(other), strict=True))


def _rename(value: Any, old: str, new: str) -> bool:
    """In every reference to a Secret; whether there was one."""
    found = False
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found = _rename(member, old, new) or found
    if isinstance(value, dict) and "sds_config" in value:
        for suffix in ("", _AUTHORITIES):
            if value.get("name") == f"{_resource(old)}{suffix}":
                value["name"] = f"{_resource(new)}{suffix}"
                return True
    return found


def _limit(socket: Json, tls: ServerTLSSettings) -> None:
    common = socket["typed_config"].setdefault("common_tls_context", {})
    params = dict(common.get("tls_params", {}))
    for field, name in _LIMITS:
        if (version := getattr(tls, field)) != getattr(_NOTHING, field):
            params[name] = version.replace("TLSV", "TLSv")
    if params:
        common["tls_params"] = params
