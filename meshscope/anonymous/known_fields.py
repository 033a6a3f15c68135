"""Which keys of an object are fields: those of Envoy's, Istio's and Kubernetes' messages. All other keys may be names."""

from __future__ import annotations

import re
from functools import cache

from meshscope.anonymous.software_words import EXTENSION_WORDS, FIELD_WORDS, SOFTWARE_WORDS
from meshscope.envoy.unknown_fields import known_messages
from meshscope.istio.fields.facts import field_names
from meshscope.redaction.fields import form_of, plain

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MORE = """
    @flaw @unread clusterVIPs cluster-vips PROV_CERT revision.sha revision.status build.type ssl.version proxyListenPort Shards
    proxyInboundListenPort openAPIV3Schema TunnelAbility about because broken columns has_name_constraints item nullable
    excludes_maximum excludes_minimum place schema sni_dnat why collector_cluster collector_endpoint
    collector_endpoint_version trace_id_128bit dimensions envoyHttpAls envoyOtelAls envoyTcpAls opencensus
    holdApplicationUntilProxyStarts LegacyClusterPortKey configs x5c
    """.split()  # noqa: SIM905  # a list of words is read as words
"""Fields that no list has."""
_NAME = re.compile(r"[@A-Za-z][A-Za-z0-9_.-]{0,63}")


@cache
def is_field(key: str) -> bool:
    """Whether a key is a field: known as such, or made of the software's own words (`numReplicas`)."""
    if not _NAME.fullmatch(key):
        return False
    if form_of(plain(key)) is not None or plain(key) in _fields():
        return True
    return key.isidentifier() and is_made_of_known_words(key)


def is_made_of_known_words(text: str) -> bool:
    """Whether every part of a word in camelCase or snake_case is a word of the software."""
    if text.lower() in _words():
        return True
    parts = [part.lower() for part in _PART.findall(text) if not part.isdecimal()]
    letters = sum(len(part) == 1 for part in parts)
    return letters < min(len(parts), 2) and all(len(part) == 1 or part in _words() for part in parts)


@cache
def _fields() -> frozenset[str]:
    """Keys in their plain spelling."""
    found = {plain(name) for fields in known_messages().values() for name in fields}
    return frozenset(found | {plain(name) for name in (*field_names(), *_MORE)})


@cache
def _words() -> frozenset[str]:
    """The parts of all known fields and messages, and the words of the software."""
    names = [*field_names(), *known_messages(), *(name for fields in known_messages().values() for name in fields)]
    parts = {part.lower() for name in names for part in _PART.findall(name)}
    return frozenset(parts | SOFTWARE_WORDS | FIELD_WORDS | EXTENSION_WORDS)
