"""The line of istioctl or kubectl that lists in a cluster what a table shows, where there is one. No widget in it.

https://istio.io/latest/docs/reference/commands/istioctl/#istioctl-proxy-config
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from meshscope.listing.kind import Kind
from meshscope.listing.registry import KINDS
from meshscope.listing.selection import Selection
from meshscope.render.options import option_of

_OPTIONS = {
    "listeners": ("listener", ("address", "port")),
    "routes": ("route", ("name",)),
    "clusters": ("cluster", ("direction", "fqdn", "port", "subset")),
    "endpoints": ("endpoint", ("address", "cluster", "port")),
    "secrets": ("secret", ()),
    "bootstrap": ("bootstrap", ()),
    "ecds": ("ecds", ()),
}
"""Kind -> istioctl's word for it, and the fields of a selection for which it has an option of the same name."""
_POD = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9-]+")
_PLAIN = re.compile(r"[\w.:|/-]+")
"""What both read alike; a pattern is none."""


def istioctl_line(kind: Kind[Any], selection: Selection) -> str:
    """ "" where neither lists the same rows."""
    given = dict(selection.filters())
    if kind.name == "proxies":
        return "istioctl proxy-status" if not given else ""
    if kind.name in _OPTIONS:
        return _proxy_config(kind.name, given)
    return "" if kind.name in KINDS else _kubectl(kind.name, given)


def _proxy_config(kind: str, given: dict[str, str]) -> str:
    word, fields = _OPTIONS[kind]
    pod = given.pop("proxy", "")
    if not _POD.fullmatch(pod) or not given.keys() <= set(fields) or not all(map(_PLAIN.fullmatch, given.values())):
        return ""
    options = [part for field, value in given.items() for part in (option_of(field), value)]
    return shlex.join(["istioctl", "proxy-config", word, pod, *options])


def _kubectl(kind: str, given: dict[str, str]) -> str:
    namespace = given.pop("namespace", "")
    if given:
        return ""
    return shlex.join(["kubectl", "get", kind, *(("-n", namespace) if namespace else ("-A",))])
