"""The keys under which Envoy, Istio and Kubernetes keep names: which strings of a document are names, and of what category.

A test requires that every string field of a typed message is a name here, or is listed as something else there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def _with_camel_case(keys: Iterable[str]) -> frozenset[str]:
    """The keys as given, and snake_case keys in camelCase too."""
    return frozenset(spelling for key in keys for spelling in (key, re.sub(r"_([a-z0-9])", _upper, key)))


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


HOST, NAMESPACE, APP, SERVICE_ACCOUNT, NODE, ZONE, NAME, LABEL, VALUE, PATH, FILE = (
    "host", "ns", "app", "sa", "node", "zone", "name", "label", "val", "path", "file",
)  # fmt: skip
"""Categories of names; a pseudonym begins with its category."""

_BY_CATEGORY = {
    HOST: """
        domains hosts host hostname Hostname HostName server_names sni sniHosts dns authority host_rewrite host_rewrite_literal
        host_redirect externalName ExternalName hostnames requested_server_name x-forwarded-host address Address issuer
        audiences issuers uri SubDomain default_host_for_http_10 operation destination altHosts aliases subdomain
        allowOrigin allowOrigins domainName jwksUri jwks_uri notHosts subjectAltNames targetHost url
        """,
    NAMESPACE: """
        namespace Namespace NAMESPACE podNamespace namespaces notNamespaces rootNamespace exportTo ExportTo
        defaultServiceExportTo defaultVirtualServiceExportTo defaultDestinationRuleExportTo sourceNamespace
        """,
    APP: "workloadName WorkloadName workload_name WORKLOAD_NAME canonicalName",
    SERVICE_ACCOUNT: """
        SERVICE_ACCOUNT serviceAccount serviceAccountName ServiceAccount serviceAccounts ServiceAccounts serviceAccountNames
        serviceaccount notServiceAccounts
        """,
    NODE: "NODE_NAME nodeName NodeName localNode node",
    ZONE: """
        CLUSTER_ID clusterID ClusterID clusterId cluster_id network Network NETWORK MESH_ID trustDomain trustDomainAliases
        trust_domain region zone sub_zone subzone Label Locality locality to trustDomains notTrustDomains
        """,
    NAME: """
        subset APP_CONTAINERS gatewayClassName image imagePullSecrets credentialName provider_name virtualHost user team
        cluster cluster_name clusters upstream_cluster service_name route_config_name route_configuration_name
        server_listener_name endpoint_id endpoint_name alt_stat_name stat_prefix rules_stat_prefix shadow_rules_stat_prefix
        cluster_specifier_plugin requirement_name domain category resolver_name named_port root_id vm_id downstream_nodes
        allowed_clients server_name via shortname proxy connectionId uid workloadUid authorizationPolicies
        canonicalRevision ingressService ingressSelector ingressClass ServicePortName targetPort id metadata_namespace filter
        cluster_header vhost_header host_rewrite_header http_header_name header_name header allow_headers expose_headers
        request_headers_to_remove response_headers_to_remove remove internal_only_headers authentication_header
        forward_payload_header forward_username_header override_auto_sni_header response_size_header
        ip_tag_name from_params from_cookies cookie query
        allowedHeaders allowedResponseHeaders caCertCredentialName credentialNames customMetric gateways
        httpQueryParameterName imagePullSecret ingressClassName outputPayloadToHeader pluginName secretName sectionName
        """,
    VALUE: """
        notRequestPrincipals
        principals notPrincipals requestPrincipals values notValues client string_key substitution value_prefix subject issuerDN
        header_value_prefix
        """,
    PATH: "paths notPaths path_redirect prefix_rewrite path_rewrite replaceFullPath replacePrefixMatch rewrite",
    FILE: "filename accessLogFile caCertificates caCrl clientCertificate serverCertificate",
}  # fmt: skip
CATEGORIES = {key: category for category, keys in _BY_CATEGORY.items() for key in _with_camel_case(keys.split())}
"""Key -> category of the strings below it, in every spelling."""

LABEL_KEYS = frozenset({
    "labels", "LABELS", "Labels", "matchLabels", "selector", "workloadSelector", "podSelector", "LabelSelectors", "envoy.lb",
    "sourceLabels",
    "geo_headers_to_add", "geo_field_keys",
})  # fmt: skip
"""Maps whose values are values of labels, or other words of a user's own."""

MATCHER_KEYS = {
    key: how
    for how, keys in {
        "exact": ("exact", "path", "exact_match", "path_separated_prefix"),
        "prefix": ("prefix", "prefix_match"),
        "suffix": ("suffix", "suffix_match"),
        "contains": ("contains", "contains_match"),
        "regex": ("regex",),
    }.items()
    for key in _with_camel_case(keys)
}
"""Key of a matcher -> how it compares."""

NAME_MAPS = _with_camel_case({
    "providers", "requirement_map", "policies", "map", "typed_per_filter_config", "filter_metadata", "source_codes", "ports",
    "Addresses", "cluster-vips", "ExportTo", "Shards", "customTags", "to",
})  # fmt: skip
"""Maps whose keys are names, also where a key looks like the name of a field."""

NAME_MEMBERS = ("name", "Name")
"""The members with the name of the object around them."""

NOT_BESIDE = frozenset({"value", "valueFrom", "category"})
"""Members beside which `name` is the software's: of environment variables, statistics, and extensions of a node."""

HEADER_MEMBERS = frozenset({"key", "value", "raw_value", "rawValue"})
"""All members of a header that is added to a message."""

SOFTWARE_LISTS = frozenset({"stats"})
"""Lists whose items have the software's names: the counters of a host."""

EMBEDDED_YAML = frozenset({"mesh", "meshNetworks"})
"""Members whose text is a document of its own, in YAML: of the mesh's ConfigMap."""

SOFTWARE_MEMBERS = frozenset({"tag_name", "tagName"})
"""Members of objects without names: how Envoy splits the names of its statistics."""
