"""Recorded answers as a server gives them: an istiod's debug port, an Envoy's admin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from meshscope.snapshot.manifest import decoded

from ..recordings import BOOKINFO
from .server import Reply, answer


def istiod(recording: Path = BOOKINFO) -> Callable[[str], Reply]:
    """One replica, to which all proxies of the recording are connected."""
    files = {}
    for one in decoded((recording / "meshscope.json").read_bytes()).documents:
        body = (recording / one.path).read_bytes()
        if one.proxy is None and one.istiod and one.kind.startswith("debug/"):
            files[f"/{one.kind}"] = body
        elif one.proxy and one.kind in ("istiod_config_dump", "istiod_edsz", "debug/sidecarz"):
            endpoint = one.kind.removeprefix("istiod_").removeprefix("debug/")
            files[f"/debug/{endpoint} {one.proxy.name}.{one.proxy.namespace}"] = body
    files["/version"] = b"1.32-alpha.86c9f01-86c9f01fd735fb01d8192f5bcaf0d424afb7f14c-Clean"

    def replies(path: str) -> Reply:
        parts = urlsplit(path)
        proxies = parse_qs(parts.query).get("proxyID", [])
        if proxies:
            found = [body for key, body in files.items() for proxy in proxies
                     if key.startswith(f"{parts.path} ") and key.partition(" ")[2] in proxy]  # fmt: skip
            return answer(found[0]) if found else answer(b"Proxy not connected to this Pilot instance.", 404)
        return answer(files[parts.path]) if parts.path in files else answer(b"404 page not found", 404)

    return replies


def envoy(pod: str, namespace: str = "default", dump: bytes = b"") -> Callable[[str], Reply]:
    """An admin that says little: who it is, and a dump."""
    node = {"id": f"sidecar~10.0.0.1~{pod}.{namespace}~{namespace}.svc.cluster.local"}
    info = msgspec.json.encode({"version": "9e5580/1.40.0/Clean/RELEASE/BoringSSL", "state": "LIVE", "node": node})
    body = dump or msgspec.json.encode({"configs": [{
        "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": {"node": node}}]})  # fmt: skip
    known = {"/server_info": info, "/config_dump?include_eds": body, "/certs": b'{"certificates": []}'}
    return lambda path: answer(known[path]) if path in known else answer(b"invalid path", 404)
