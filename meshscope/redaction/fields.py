"""What is known to be configuration: the fields whose text is kept, each with the form that it must have.

A field that is not here is not kept: what a release adds is replaced until somebody has looked at it. Keys count in every
spelling (snake_case, camelCase, CAPITALS). Names are those of `name_keys`; these are the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import cache, lru_cache

from meshscope.redaction.name_keys import CATEGORIES, HOST, LABEL_KEYS, MATCHER_KEYS, NAME_MEMBERS, PATH


class Form(Enum):
    """How much of a field's text is kept, if it has the form."""

    NAME = auto()
    HOST = auto()
    """A host, a URL or an image: without its user."""
    PATH = auto()
    """A path: the values of its query have stand-ins."""
    WORD = auto()
    """A word of the software, a number, a time or a duration, or several of these."""
    FORMAT = auto()
    """Command operators (`%REQ(x)%`) are kept, other words are not."""
    SOURCE = auto()
    """The text of a data source: certificates and public keys are kept."""
    BYTES = auto()
    """The same in base64."""
    BEGINNING = auto()
    """What a header's value begins with (`Bearer `): as the value it has a stand-in."""


ADDRESSES = """
    addr addresses address_prefix address_suffix autoAllocatedAddress autoAllocatedIPv4Address autoAllocatedIPv6Address cidr
    clusterIP clusterIPs defaultAddress externalIPs hostIP hostIPs ip ips loadBalancerIP podIP podIPs INSTANCE_IPS vips
    waypointAddresses workloadIp workloadIps bind defaultEndpoint destinationSubnets ipBlocks notIpBlocks notRemoteIpBlocks
    remoteIpBlocks sourceSubnet remote_ip direct_remote_ip source_ip podCIDR podCIDRs
    """
WORDS = """
    content_type allow_content_types operator policyTypes types ISTIO_VERSION ServiceRegistry TLSMode accessLogEncoding
    acked action addressType allow_methods alpn_override alpn_protocols apiVersion appProtocol append_action
    application_protocols base_ejection_time base_interval build_version cache_time cipher_suites cluster_acked
    cluster_min_healthy_percentages cluster_not_found_response_code cluster_sent code codec_type connect connectTimeout
    connect_timeout connectedAt creationTime creationTimestamp delay_deny delayed_close_timeout deletionTimestamp
    denominator dns_lookup_family encode endpoint_acked endpoint_sent endpoint_stale_after enforcement_type expirationTime
    extensionconfig_acked extensionconfig_sent externalTrafficPolicy failureMode fallback_policy fill_interval fixed_delay flags
    forward_client_cert_details group grpc_timeout_header_max grpc_timeout_header_offset grpc_timeout_offset
    headers_with_underscores_action health_status idle_timeout ingressControllerMode internalTrafficPolicy interval ipFamilies
    istioVersion istio_version kind kubeletVersion lb_policy listener_acked listener_filters_timeout listener_sent location
    max_age max_connection_duration max_downstream_connection_duration max_ejection_time max_grpc_timeout max_interval
    max_lifetime max_stream_duration metadata_fallback_policy mode networkMode oid op override_option
    path_with_escaped_slashes_action per_try_idle_timeout per_try_timeout phase principal_binding priority protocol
    protocolDetectionTimeout protocol_selection proxyType proxy_type proxy_version registry request_timeout request_type
    require_tls resolution response_code restartPolicy retry_on route_acked route_sent san_type scheme_redirect
    scheme_to_overwrite scope statuses sent server_header_transformation sessionAffinity source_type status stream_idle_timeout
    timeout tlsMode tls_maximum_protocol_version tls_minimum_protocol_version trafficDistribution traffic_direction
    transport_protocol transport_socket_connect_timeout trust_chain_verification type type_url update_merge_window
    upgrade_type upstream_connect_mode upstream_protocol user_agent_name validFrom version vh_rate_limits workloadType
    absoluteTimeout allowMethods apiGroup applicationProtocols applyTo backoff baseEjectionTime budgetInterval captureMode
    cipherSuites context controller controllerName defaultScope derivePort duration ecdhCurves exponentialDelay failStrategy
    filterClass fixedDelay grpcStatus h2UpgradePolicy http2Error idleTimeout imagePullPolicy imageType lastProbeTime
    lastTransitionTime level lifetimeType listenerFilter maxAge maxConnectionDuration maxProtocolVersion methods metric
    metricNamesForComputingUtilization minProtocolVersion notMethods notPorts observedGeneration pathType perTryTimeout
    plural presence proxyVersion reportingInterval retryOn scheme sha256 shortNames simple singular time transportProtocol
    transportSocket ttl unmatchedPreflights useDefaultGateways warmupDurationSecs weightExpirationPeriod
    weightStabilizationPeriod weightUpdatePeriod wellKnownCACertificates slow_start_window budget_interval reason state method
    separator element_separator protocols upgrade_configs version_info last_updated last_update_attempt nonce
    uptime_current_epoch uptime_all_epochs hot_restart_version INTERCEPTION_MODE CLUSTER_LOCAL_EXPORT PROXY_CONFIG_VERSION
    ENVOY_PROMETHEUS_PORT sub_zone runtime_value INCLUDE_INBOUND_PORTS runtime_feature response_code_details
    connection_termination_details upstream_transport_failure_reason failure_policy response_flags bytes_received bytes_sent
    start_time request_id resourceVersion generation observedAt lastUpdateTime terminationMessagePolicy dnsPolicy
    schedulerName qosClass serialNumber verify_certificate_hash verify_certificate_spki verifyCertificateHash
    verifyCertificateSpki typeUrls resource_api_version api_type transport_api_version eds_health_status
    controlPlaneAuthPolicy syncStatus log_level drain_strategy local_address_ip_version numerator header_encoding tcp_fields
    protocol_version upstream_service_time response_flags_long valid_from expiration_time days_until_expiration format
    pattern required enum strategies served storage
    """
NAMES = """
    @type key keys environment_variable method service identity portName gateway from context_name prefix_name
    failoverPriority max_active_faults_runtime fault_name ENVOY_STATUS_PORT service_cluster service_node serviceCluster
    policy_name tag_name workload source_principal destination_principal listener_name virtual_host route_name route
    upstream_cluster cluster_name upstream_host downstream_local_address downstream_remote_address upstream_local_address
    downstream_direct_remote_address
    requested_server_name config_name observability_name eds_service_name fallback_keys_subset claim_name
    space_delimited_claims header_in_metadata payload_in_metadata failed_status_in_metadata runtime_key runtime_key_prefix
    abort_grpc_status_runtime abort_http_status_runtime abort_percent_runtime delay_duration_runtime delay_percent_runtime
    disable_key claim match runtime spaceDelimitedClaims metadata_key tlsMode default_subset container_name containerID
    ownerName proxies services rules jwt workloads OWNER tracing metrics accessLogging tags_to_remove tag
    verify_subject_alt_name pilotSAN svc objectName hostIPName provisioner binaryPath configPath config_path
    discoveryAddress service_account
    """
PATHS = "path prefix path_separated_prefix path_template pathTemplate"
FORMATS = """
    text_format text_format_source json_format typed_json_format accessLogFormat format_string access_log_format
    string_value
    """
SOURCES = "inline_string pem jwks"
BYTES = "inline_bytes"
BEGINNINGS = "value_prefix header_value_prefix"


@lru_cache(maxsize=65_536)
def plain(key: str) -> str:
    """A key in the spelling that all spellings share."""
    return key.replace("_", "").replace("-", "").lower()


def _table() -> Iterator[tuple[str, Form]]:
    for keys, form in ((ADDRESSES, Form.NAME), (WORDS, Form.WORD), (NAMES, Form.NAME), (PATHS, Form.PATH)):
        yield from ((key, form) for key in keys.split())
    by_category = {HOST: Form.HOST, PATH: Form.PATH}
    yield from ((key, by_category.get(category, Form.NAME)) for key, category in CATEGORIES.items())
    yield from ((key, Form.PATH) for key in MATCHER_KEYS)
    yield from ((key, Form.NAME) for key in (*NAME_MEMBERS, *LABEL_KEYS))
    for keys, form in (
        (FORMATS, Form.FORMAT),
        (SOURCES, Form.SOURCE),
        (BYTES, Form.BYTES),
        (BEGINNINGS, Form.BEGINNING),
    ):
        yield from ((key, form) for key in keys.split())
    yield from (("@type", Form.NAME), ("image", Form.HOST), ("url", Form.HOST), ("uri", Form.HOST))


_FORMS = {plain(key): form for key, form in _table()}
NUMERIC = re.compile(
    r"[-+]?[0-9]{1,20}+(?:\.[0-9]{1,9}+)?(?:ns|us|ms|s|m|h|d|%|Ki|Mi|Gi|K|M|G|k)?|true|false|-"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?(?::[0-9]{1,5})?|\[?[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}+(?:/[0-9]{1,3}|\]:[0-9]{1,5})?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{1,20}(?:Z|[-+][0-9:]{4,6})"
)
"""Numbers, durations, sizes, switches, addresses and times: kept in any field that is not free."""
_WORD = re.compile(
    r"(?:[A-Za-z0-9_.*+:/=,()|{}$\\^\[\]-]{0,256}+|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9A-Zm:.+= -]{0,64}+)"
    r"(?:, [\w.*-]{1,64}+){0,64}+"
)


@cache
def form_of(key: str) -> Form | None:
    """None for a field that is not known; `key` is plain. What is listed by type has names."""
    if key.startswith("type.googleapis.com/"):
        return Form.NAME
    return _FORMS.get(key)


def is_word(text: str) -> bool:
    return bool(_WORD.fullmatch(text))
