"""One name table for all tests, and how it is read."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Raw

from meshscope.istio.debug.name_table import NamedHost, read_names
from meshscope.location import Document, Location
from meshscope.snapshot.snapshot import Problem

TABLE = {
    "reviews.default.svc.cluster.local": {
        "ips": ["10.0.0.1"], "registry": "Kubernetes", "shortname": "reviews", "namespace": "default"},
    "reviews.other.svc.cluster.local": {
        "ips": ["10.0.0.2"], "registry": "Kubernetes", "shortname": "reviews", "namespace": "other"},
    "mysql-0.mysql.other.svc.cluster.local": {
        "ips": ["10.1.0.1"], "registry": "Kubernetes", "shortname": "mysql-0.mysql", "namespace": "other"},
    "far.default.svc.far.example": {
        "ips": ["10.9.9.9"], "registry": "Kubernetes", "shortname": "far", "namespace": "default"},
    "www.example.com": {"ips": ["240.240.0.1", "2001:db8::1"], "registry": "External"},
    "*.wild.example.com": {"ips": ["240.240.0.2"], "registry": "External"},
    "*.deep.wild.example.com": {"ips": ["240.240.0.3"], "registry": "External"},
    "range.example.com": {"ips": ["10.0.0.0/8"], "registry": "External"},
    "aliased.example.com": {"ips": ["240.240.0.4"], "registry": "External", "aliases": ["alias.example.com"]},
}  # fmt: skip
BARE = {"table": TABLE}


def read(value: Any) -> tuple[tuple[NamedHost, ...], tuple[Problem, ...]]:
    body = json.dumps(value).encode()
    return read_names(Raw(body), Location(Document.of("ndsz.json", body)))
