"""Kubernetes' own kinds with the columns of `kubectl get`, without ages."""

from __future__ import annotations

from meshscope.istio.kinds import kubernetes_columns as k8s
from meshscope.istio.kinds.columns import column, computed, counted, ratio
from meshscope.istio.kinds.resource_kind import ResourceKind, kind_entry
from meshscope.istio.kubernetes.endpoints import Endpoints, EndpointSlice
from meshscope.istio.kubernetes.node import KubernetesNode
from meshscope.istio.kubernetes.pod import Pod
from meshscope.istio.kubernetes.service import Service

KUBERNETES_KINDS = (
    kind_entry(
        "",
        "Service",
        "svc",
        column("TYPE", "spec", "type"),
        computed("CLUSTER-IP", k8s.of(Service, k8s.cluster_ip)),
        computed("EXTERNAL-IP", k8s.of(Service, k8s.external_ip)),
        computed("PORT(S)", k8s.of(Service, k8s.service_ports)),
    ),
    kind_entry(
        "",
        "Pod",
        "po",
        computed("READY", k8s.of(Pod, k8s.pod_ready)),
        computed("STATUS", k8s.of(Pod, k8s.pod_status)),
        computed("RESTARTS", k8s.of(Pod, k8s.pod_restarts)),
    ),
    ResourceKind(
        "",
        "Endpoints",
        "endpoints",
        ("ep",),
        columns=(computed("ENDPOINTS", k8s.of(Endpoints, k8s.endpoint_addresses)),),
    ),
    kind_entry("", "Namespace", "ns", column("STATUS", "status", "phase"), namespaced=False),
    kind_entry(
        "",
        "Node",
        "no",
        computed("STATUS", k8s.of(KubernetesNode, k8s.node_status)),
        computed("ROLES", k8s.of(KubernetesNode, k8s.node_roles)),
        column("VERSION", "status", "nodeInfo", "kubeletVersion"),
        namespaced=False,
    ),
    kind_entry("", "ConfigMap", "cm", counted("DATA", "data")),
    kind_entry("", "Secret", "", column("TYPE", "type"), counted("DATA", "data")),
    kind_entry("", "ServiceAccount", "sa", counted("SECRETS", "secrets")),
    kind_entry(
        "discovery.k8s.io",
        "EndpointSlice",
        "",
        column("ADDRESSTYPE", "addressType"),
        computed("PORTS", k8s.of(EndpointSlice, k8s.slice_ports)),
        computed("ENDPOINTS", k8s.of(EndpointSlice, k8s.slice_addresses)),
    ),
    kind_entry(
        "apps",
        "Deployment",
        "deploy",
        ratio("READY", ("status", "readyReplicas"), ("spec", "replicas")),
        column("UP-TO-DATE", "status", "updatedReplicas"),
        column("AVAILABLE", "status", "availableReplicas"),
    ),
    kind_entry(
        "apps",
        "ReplicaSet",
        "rs",
        column("DESIRED", "spec", "replicas"),
        column("CURRENT", "status", "replicas"),
        column("READY", "status", "readyReplicas"),
    ),
    kind_entry("apps", "StatefulSet", "sts", ratio("READY", ("status", "readyReplicas"), ("spec", "replicas"))),
    kind_entry(
        "apps",
        "DaemonSet",
        "ds",
        column("DESIRED", "status", "desiredNumberScheduled"),
        column("CURRENT", "status", "currentNumberScheduled"),
        column("READY", "status", "numberReady"),
        column("UP-TO-DATE", "status", "updatedNumberScheduled"),
        column("AVAILABLE", "status", "numberAvailable"),
        column("NODE SELECTOR", "spec", "template", "spec", "nodeSelector"),
    ),
    kind_entry(
        "batch",
        "Job",
        "",
        computed("STATUS", k8s.job_status),
        ratio("COMPLETIONS", ("status", "succeeded"), ("spec", "completions")),
    ),
    kind_entry(
        "networking.k8s.io",
        "Ingress",
        "ing",
        column("CLASS", "spec", "ingressClassName"),
        computed("HOSTS", k8s.ingress_hosts),
        computed("ADDRESS", k8s.ingress_addresses),
        computed("PORTS", k8s.ingress_ports),
    ),
    ResourceKind(
        "networking.k8s.io",
        "NetworkPolicy",
        "networkpolicies",
        ("netpol",),
        columns=(column("POD-SELECTOR", "spec", "podSelector", "matchLabels"),),
    ),
    kind_entry(
        "admissionregistration.k8s.io",
        "MutatingWebhookConfiguration",
        "",
        counted("WEBHOOKS", "webhooks"),
        namespaced=False,
    ),
    kind_entry(
        "admissionregistration.k8s.io",
        "ValidatingWebhookConfiguration",
        "",
        counted("WEBHOOKS", "webhooks"),
        namespaced=False,
    ),
    kind_entry("apiextensions.k8s.io", "CustomResourceDefinition", "crd crds", namespaced=False),
)
