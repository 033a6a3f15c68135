"""Every string of a typed message is known to be a name, an address, a word of the software, or none of these."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from msgspec import Struct

import meshscope.istio
import meshscope.xds
from meshscope.istio.labels import Labels
from meshscope.redaction.fields import form_of, plain
from meshscope.redaction.name_keys import CATEGORIES, LABEL_KEYS, MATCHER_KEYS, NAME_MAPS, NAME_MEMBERS

NAMES = CATEGORIES.keys() | LABEL_KEYS | MATCHER_KEYS.keys() | NAME_MAPS | set(NAME_MEMBERS)
OTHERS = {
    "addresses, recognised by their form": """
        addr addresses address_prefix address_suffix autoAllocatedAddress autoAllocatedIPv4Address autoAllocatedIPv6Address cidr
        clusterIP clusterIPs defaultAddress externalIPs hostIP ip ips loadBalancerIP podIP
        vips waypointAddresses workloadIp workloadIps bind defaultEndpoint destinationSubnets ipBlocks notIpBlocks
        notRemoteIpBlocks remoteIpBlocks sourceSubnet
        """,
    "names that are recognised by their form": "identity",
    "free text, of which only words of the vocabulary are replaced": """
        accessLogFormat annotations environment_variable lastError message reason state defaultValue description
        environmentVariables expression gateway method options service string bytes portName
        default_value tag dimensions verificationKey tags_to_remove tracing metrics accessLogging
        """,
    "keys of metadata, claims and the runtime, of which only words of the vocabulary are replaced": """
        key keys value match default_subset fallback_keys_subset claim_name space_delimited_claims header_in_metadata
        payload_in_metadata failed_status_in_metadata runtime_key runtime_key_prefix abort_grpc_status_runtime
        abort_http_status_runtime abort_percent_runtime delay_duration_runtime delay_percent_runtime
        max_active_faults_runtime disable_key static_layer add set claim failoverPriority headers metadata queryParams
        spaceDelimitedClaims tagOverrides withoutHeaders
        """,
    "marks of this program, which no document contains": "@unread @flaw label_of place",
    "removed": """
        raw_value inline_bytes inline_code inline_string pem serialNumber verify_certificate_hash verify_certificate_spki
        command inlineCode privateKey verifyCertificateHash verifyCertificateSpki
        """,
    "documents and messages, whose own fields count": """
        mesh rules grpc_service http_service jwt mtls srds_resources_locator typed_extension_protocol_options endpoints
        portLevelMtls resources services workloads jwt_output_payload_locations jwks
        """,
    "the software's words, versions, times and durations": """
        content_type allow_content_types separator element_separator operator policyTypes types
        @type ISTIO_VERSION ServiceRegistry TLSMode accessLogEncoding acked action addressType allow_methods alpn_override
        alpn_protocols apiVersion appProtocol append_action application_protocols base_ejection_time base_interval
        build_version cache_time cipher_suites cluster_acked cluster_min_healthy_percentages cluster_not_found_response_code
        cluster_sent code codec_type connect connectTimeout connect_timeout connectedAt creationTime creationTimestamp
        delay_deny delayed_close_timeout deletionTimestamp denominator dns_lookup_family encode endpoint_acked endpoint_sent
        endpoint_stale_after enforcement_type expirationTime extensionconfig_acked extensionconfig_sent externalTrafficPolicy
        failureMode fallback_policy fill_interval fixed_delay flags forward_client_cert_details group grpc_timeout_header_max
        grpc_timeout_header_offset grpc_timeout_offset headers_with_underscores_action health_status idle_timeout
        ingressControllerMode internalTrafficPolicy interval ipFamilies istioVersion istio_version kind kubeletVersion lb_policy
        listener_acked listener_filters_timeout listener_sent location max_age max_connection_duration
        max_downstream_connection_duration max_ejection_time max_grpc_timeout max_interval max_lifetime max_stream_duration
        metadata_fallback_policy mode networkMode oid op override_option path_with_escaped_slashes_action
        per_try_idle_timeout per_try_timeout phase principal_binding priority protocol protocolDetectionTimeout
        protocol_selection proxyType proxy_type proxy_version registry request_timeout request_type require_tls resolution
        response_code restartPolicy retry_on route_acked route_sent runtime san_type scheme_redirect scheme_to_overwrite scope
        statuses
        sent server_header_transformation sessionAffinity source_type status stream_idle_timeout timeout tlsMode
        from tls_maximum_protocol_version tls_minimum_protocol_version trafficDistribution traffic_direction transport_protocol
        transport_socket_connect_timeout trust_chain_verification type type_url update_merge_window upgrade_type
        upstream_connect_mode upstream_protocol user_agent_name validFrom version vh_rate_limits workloadType
        absoluteTimeout allowMethods apiGroup applicationProtocols applyTo backendRequest backoff baseEjectionTime
        budgetInterval captureMode cipherSuites context controller controllerName defaultScope derivePort documentationUrl
        duration ecdhCurves exponentialDelay failStrategy filterClass fixedDelay grpcStatus h2UpgradePolicy http2Error
        idleTimeout imagePullPolicy imageType lastProbeTime lastTransitionTime level lifetimeType listenerFilter maxAge
        maxConnectionDuration maxProtocolVersion methods metric metricNamesForComputingUtilization minProtocolVersion
        notMethods notPorts observedGeneration pathType perTryTimeout plural presence proxyVersion reportingInterval request
        retryOn scheme sha256 shortNames simple singular time transportProtocol transportSocket ttl unmatchedPreflights
        useDefaultGateways valueFrom warmupDurationSecs weightExpirationPeriod weightStabilizationPeriod
        weightUpdatePeriod wellKnownCACertificates slow_start_window budget_interval failure_policy
        """,
}  # fmt: skip
"""Keys of strings that are not collected as names, and why."""

BUILT_HERE = frozenset({
    "CertificateFacts", "CertificateFields", "ClusterName", "FactsFile", "FieldProblem",
    "_Fields", "NamedHost", "NodeId", "Object", "ObjectRef", "PrinterColumn",
    "ProxyConnection",
    "ProxySync", "PushStatus", "RbacPolicyName", "RegisteredEndpoint", "RegisteredService", "ResourceKind", "RouteConfigName",
    "SecretName", "Shape", "SourcedMetadata", "Undecodable", "Unmodelled", "ZtunnelDump", "ZtunnelService", "_Item",
    "load_balancing_policy.Policy", "Protocol",
})  # fmt: skip
"""Structs that no document is decoded to: their fields are derived from a message's."""


def messages() -> Iterator[type[Struct]]:
    for room in (meshscope.xds, meshscope.istio):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Struct) and value.__module__ == module.__name__:
                    yield value


def holds_text(annotation: Any) -> bool:
    return annotation in (str, Labels) or any(map(holds_text, get_args(annotation)))


def text_fields(message: type[Struct]) -> Iterator[str]:
    hints = get_type_hints(message)
    return (field.encode_name for field in msgspec.structs.fields(message) if holds_text(hints[field.name]))


TYPED = [
    (f"{message.__module__.removeprefix('meshscope.')}.{message.__name__}.{key}", key)
    for message in messages()
    if not {message.__name__, f"{message.__module__.rpartition('.')[2]}.{message.__name__}"} & BUILT_HERE
    for key in text_fields(message)
]
NOT_NAMES = {key for keys in OTHERS.values() for key in keys.split()}


def test_every_string_of_a_typed_message_is_classified() -> None:
    assert len(TYPED) > 400
    assert [field for field, key in TYPED if key not in NAMES | NOT_NAMES] == []


def test_an_unclassified_string_is_noticed() -> None:
    class Message(Struct):
        acme: str | None = None
        number: int = 0

    assert [key for key in text_fields(Message) if key not in NAMES | NOT_NAMES] == ["acme"]


@pytest.mark.parametrize("reason", OTHERS)
def test_a_key_has_one_class_and_belongs_to_a_message(reason: str) -> None:
    others = {key for other, keys in OTHERS.items() if other != reason for key in keys.split()}
    keys = set(OTHERS[reason].split())
    assert not keys & (NAMES | others)
    assert keys <= {key for _, key in TYPED}


FREE = """
    annotations lastError message description defaultValue environmentVariables expression options bytes value raw_value
    inlineCode inline_code privateKey command static_layer add set headers metadata queryParams tagOverrides withoutHeaders
    valueFrom backendRequest request documentationUrl default_value mesh grpc_service http_service mtls portLevelMtls
    srds_resources_locator typed_extension_protocol_options endpoints resources jwt_output_payload_locations string
    @unread @flaw label_of place filter_metadata dimensions verificationKey
    """.split()  # noqa: SIM905  # a list of words is read as words
"""Strings of typed messages that a redaction replaces, or knows by the object around them."""


def test_every_string_of_a_typed_message_is_kept_or_known_to_be_free() -> None:
    assert [field for field, key in TYPED if form_of(plain(key)) is None and key not in {*FREE, *NAME_MAPS}] == []


def test_what_is_free_is_not_kept() -> None:
    assert [key for key in FREE if form_of(plain(key)) is not None] == []
    assert {key for _, key in TYPED} & set(FREE)
