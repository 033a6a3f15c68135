"""Which words of a mesh are somebody's own: those of names, hosts, labels, paths and header values, each with its sort.

Names are taken apart into words: what joins words (dots, dashes, slashes, pipes) is grammar and stays. Words of the
software itself, numbers, versions and single letters are nobody's.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from meshscope.anonymous.kept_words import KEPT_TEXT, WORDS

WORD = re.compile(r"[A-Za-z0-9]+")
_NOBODYS = re.compile(r"[0-9]+|v[0-9]+(?:(?:alpha|beta)[0-9]+)?|[A-Za-z]|[0-9]+(?:ms|s|m|h|d|Mi|Gi|Ki)")
_ADDRESS = re.compile(r"[0-9a-fA-F]*:[0-9a-fA-F:.]+(?:/[0-9]+)?")
_NO_WORDS = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|%[^%\s]*%|%[0-9A-Fa-f]{2}|(?<![0-9a-zA-Z])[0-9a-f]{16,}(?![0-9a-zA-Z])"
)
_REPLICA = re.compile(r"(?P<workload>.+)-(?P<hash>[0-9a-z]{6,10})-(?P<suffix>[0-9a-z]{5})")

RANDOM = "random"
"""The sort of words that a ReplicaSet made: they keep their length, as workloads are told by it."""


class Vocabulary(Struct, frozen=True):
    """`words` by their sort, the first that named them; `prefixes`, `suffixes` and `parts` are words that a matcher compares
    with a piece of another word."""

    words: dict[str, str]
    prefixes: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()


class Gathering:
    """A vocabulary that grows."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._prefixes: set[str] = set()
        self._suffixes: set[str] = set()
        self._parts: set[str] = set()
        self._known: set[tuple[str, str]] = set()

    def name(self, text: str, sort: str) -> None:
        """All words of a name; a text that is an address or the software's own has none."""
        if (text, sort) in self._known:
            return
        self._known.add((text, sort))
        if KEPT_TEXT.fullmatch(text) or _ADDRESS.fullmatch(text):
            return
        for word in WORD.findall(_NO_WORDS.sub(" ", text)):
            if word not in self._words and is_own(word):
                self._words[word] = sort

    def pod(self, text: str) -> None:
        """A pod's name: what its ReplicaSet appended keeps its length."""
        if found := _REPLICA.fullmatch(text):
            self.name(found["hash"], RANDOM)
            self.name(found["suffix"], RANDOM)
            self.name(found["workload"], "app")
        else:
            self.name(text, "pod")

    def matcher(self, how: str, text: str, sort: str) -> None:
        """What a matcher compares with: `exact`, `prefix`, `suffix` or `contains`."""
        self.name(text, sort)
        words = WORD.findall(text)
        if how in ("prefix", "contains") and text[-1:].isalnum() and words:
            (self._prefixes if how == "prefix" else self._parts).add(words[-1])
        if how in ("suffix", "contains") and text[:1].isalnum() and words:
            (self._suffixes if how == "suffix" else self._parts).add(words[0])

    def done(self) -> Vocabulary:
        return Vocabulary(self._words, frozenset(self._prefixes), frozenset(self._suffixes), frozenset(self._parts))


def is_own(word: str) -> bool:
    return word.lower() not in WORDS and not _NOBODYS.fullmatch(word)


_HOSTS = frozenset({
    "domains", "hosts", "host", "hostname", "Hostname", "HostName", "server_names", "serverNames", "sni", "sniHosts", "dns",
    "authority", "host_rewrite_literal", "hostRewriteLiteral", "host_redirect", "hostRedirect", "externalName", "hostnames",
    "requested_server_name", "exportTo", "x-forwarded-host", "address", "issuer", "audiences", "issuers", "uri", "SubDomain",
})  # fmt: skip
_SORTS = {
    **dict.fromkeys(_HOSTS, "host"),
    **dict.fromkeys(("namespace", "Namespace", "NAMESPACE", "podNamespace", "namespaces", "notNamespaces"), "ns"),
    **dict.fromkeys(("workloadName", "WorkloadName", "workload_name", "WORKLOAD_NAME", "canonicalName"), "app"),
    **dict.fromkeys(("SERVICE_ACCOUNT", "serviceAccount", "serviceAccountName", "ServiceAccount", "serviceAccounts",
                     "ServiceAccounts", "serviceAccountNames"), "sa"),
    **dict.fromkeys(("NODE_NAME", "nodeName", "NodeName", "localNode"), "node"),
    **dict.fromkeys(("CLUSTER_ID", "clusterID", "clusterId", "cluster_id", "network", "Network", "NETWORK", "MESH_ID",
                     "trustDomain", "trust_domain", "region", "zone", "sub_zone", "subzone", "subZone"), "zone"),
    **dict.fromkeys(("subset", "APP_CONTAINERS", "image", "imagePullSecrets", "credentialName", "provider_name",
                     "providerName", "virtualHost", "user", "team"), "name"),
    **dict.fromkeys(("principals", "notPrincipals", "requestPrincipals", "values", "notValues", "client", "paths",
                     "notPaths", "path_redirect", "prefix_rewrite", "prefixRewrite", "subject", "issuerDN"), "val"),
}  # fmt: skip
_LABELS = frozenset(
    {"labels", "LABELS", "Labels", "matchLabels", "selector", "workloadSelector", "podSelector", "envoy.lb"}
)
_MATCHERS = {
    "exact": "exact", "prefix": "prefix", "suffix": "suffix", "contains": "contains", "path": "exact", "exact_match": "exact",
    "exactMatch": "exact", "prefix_match": "prefix", "prefixMatch": "prefix", "suffix_match": "suffix",
    "suffixMatch": "suffix", "contains_match": "contains", "containsMatch": "contains", "path_separated_prefix": "exact",
    "pathSeparatedPrefix": "exact",
}  # fmt: skip
_NAMED = ("match", "domains", "containerPort", "subset", "route", "redirect", "trafficPolicy", "image", "virtual_hosts",
          "virtualHosts", "namespace", "Namespace")  # fmt: skip
"""Members beside which `name` is a name that somebody gave: routes, virtual hosts, subsets, containers, route tables."""

_CLUSTER = re.compile(
    r"(?:outbound|inbound|inbound-vip)(?:\||_\.)\d*(?:\||_\.)(?P<subset>[^|]*?)(?:\||_\.)(?P<host>[^|]*)"
)
_NODE_ID = re.compile(r"[a-z-]+~[^~]*~(?P<pod>[^~]+?)\.(?P<namespace>[^~.]+)~[^~]*")
_OTHERS = (
    re.compile(r"spiffe://(?P<zone>[^/]*)/ns/(?P<ns>[^/]*)/sa/(?P<sa>[^/]*)"),
    re.compile(r"(?:/|kubernetes://)apis/[^/]*/[^/]*/namespaces/(?P<ns>[^/]*)/[^/]*/(?P<name>[^/]+)"),
    re.compile(r"(?:istio-ext-authz-.*)?ns\[(?P<ns>[^\]]*)\]-policy\[(?P<name>[^\]]*)\].*"),
    re.compile(r"(?P<svc>[\w-]+)\.(?P<ns>[\w-]+)\.svc(?:\..*|:\d+)?"),
    re.compile(r"kubernetes(?:-gateway)?://(?:(?P<ns>[^/]*)/)?(?P<name>[^/]*)"),
)


def gather(value: Any, into: Gathering, under: str = "") -> None:
    """The names in a decoded value of any document, by the keys under which they stand and by their own form."""
    if isinstance(value, str):
        _gather_text(value, into, under)
    elif isinstance(value, list):
        for item in value:
            gather(item, into, under)
    elif isinstance(value, dict):
        if under in _LABELS:
            _labels(value, into)
        name = value.get("name") or value.get("Name")
        if isinstance(name, str) and any(key in value for key in _NAMED):
            into.name(name, "name")
        for key, member in value.items():
            by_form(key, into)
            gather(member, into, key)


def _gather_text(text: str, into: Gathering, under: str) -> None:
    if sort := _SORTS.get(under):
        into.name(text, sort)
        if sort == "host" and text[:1] == "*" and text[1:2].isalnum():
            into.matcher("suffix", text[1:], sort)
        if sort == "host" and text[-1:] == "*" and text[-2:-1].isalnum():
            into.matcher("prefix", text[:-1], sort)
    elif under in _MATCHERS:
        into.matcher(_MATCHERS[under], text, "path" if text.startswith("/") else "val")
    by_form(text, into)


def _labels(labels: dict[str, Any], into: Gathering) -> None:
    for value in labels.values():
        if isinstance(value, str):
            into.name(value, "label")


def by_form(text: str, into: Gathering) -> None:
    """Names inside the names that Istio and Kubernetes make of them."""
    if "|" in text or "_." in text:
        if found := _CLUSTER.fullmatch(text):
            into.name(found["subset"], "name")
            into.name(found["host"], "host")
    elif "~" in text and (found := _NODE_ID.match(text)):
        into.pod(found["pod"])
        into.name(found["namespace"], "ns")
    for form in _OTHERS if "/" in text or "." in text or "[" in text else ():
        if found := form.fullmatch(text):
            for sort, name in found.groupdict().items():
                into.name(name or "", sort)
