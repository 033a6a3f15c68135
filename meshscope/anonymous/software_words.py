"""Words of the software itself, which reveal nothing about a mesh. Replacing them would change the configuration's meaning.

SOFTWARE_WORDS stay everywhere. FIELD_WORDS are lower-case names of fields: they stay as keys, but as values they may be names.
"""

from __future__ import annotations

import re

SOFTWARE_WORDS = frozenset(
    """
    a accept access account accounts action active ads adsz admin agent alive all allow amd64 any api apis app apps
    application arm64 attempt audience auth authn authority authorization authz auto autoregister available aws az azure
    backend base64 basic bearer binding bootstrap brotli builtin bundle by ca cache canary cds cert certificate
    certificates certs chain check claim claims client cluster clusterip clusters code com config configmap connect
    connection consul container content control controller controllerrevision cookie coredns cors count crt csr custom
    daemonset data date debug default delete delta deny deployment deployments dev devices discovery dns domain downstream
    dubbo eastwestgateway ec2 ecds eds egress egressgateway encoding end endpoint endpoints endpointslice envoy error
    etc etcd example exchange expires ext external false fault file files filter filters forwarded from frontend ftp
    gateway gatewayclass gateways gce gcp get github gke go google grafana grpc grpcroute grpcweb gzip h2 h2c hbone head
    header headers health healthcheck healthz host hostname hosts http http1 http2 http3 httproute https hub id identity
    image in inbound info ingress ingressgateway init inject injector inline internal invalid io ip ipv4 ipv6 is istio
    istioctl istiod jaeger job jobs json jwks jwt k8s kafka keepalive key kiali kind kiali kube kubelet kubernetes
    kubernetes label latency lb lds level library lightstep limit linux list listener listeners live livez load local
    localhost locality location log logger logging login logout loki main master max mesh meshconfig message metadata
    method metrics min minikube mixer mode mongo mongodb mtls mutual mx mysql name namespace namespaces nds net network
    networking new no node nodeport nodes none not object oauth oauth2 oidc ok old on openid opentelemetry operator options or
    org origin original otel outbound outlier outside owner pass passthrough passthroughcluster patch path peer
    permissive persistentvolume pilot ping plain pod pods policy port ports post postgres postgresql prefix prod
    production profile prometheus protocol proxy public put query quic rbac rds ready readyz real redirect redis
    registry remote replicaset replicasets request requests resource response retry revision role root rootca route
    router routes rule rules run runtime sa scheme scope script sdk sds sec secret secrets security selector server
    service serviceaccount serviceaccounts serviceentry services session set shadow sidecar sidecars simple skywalking
    sni socket span spec spiffe ssl stable staging standard startup stat state stateful statefulset statefulsets static
    stats status strict string subset svc sync system tag tag target tcp telemetry test text thrift ticket tls token
    tokens topology tproxy trace tracing tracer trailers transport true trust type udp uds uid unix unknown up upgrade
    upstream uri url user usr v validation value values var version vip virtual virtualinbound virtualoutbound volume
    waf waypoint waypoints web webhook webhooks websocket wellknown wildcard with workload workloads workloadentry
    workloadgroup www x xds xff xfcc xml yaml zipkin zone ztunnel
    blackhole blackholecluster inboundpassthroughcluster virtualservice destinationrule authorizationpolicy envoyfilter
    peerauthentication requestauthentication proxyconfig wasmplugin meshnetworks customresourcedefinition clusterrole
    clusterrolebinding rolebinding mutatingwebhookconfiguration validatingwebhookconfiguration horizontalpodautoscaler
    poddisruptionbudget networkpolicy ingressclass storageclass replicationcontroller cronjob cronjobs daemonsets
    canonical hash template latest alpha beta rc release debug distroless busybox nginx python java node openssl nobody
    ns ds rs sts ro rw id db ui en de us at of to is it as an be do go if me my so we
    redacted anonymised null enabled disabled region manager allowed denied component reporter wasm proxyv2 stdout
    stderr tlsmode direct last raw range rest only other nothing page open private items req requested prom found missing
    proxies manifests dump logs jsonl txt edsz sidecarz ndsz syncz configz endpointshardz registryz mcsz push rq cx total
    inputs telemetryz instancesz resourcesz ecdsz adsz cachez meshz networkz exportz endpointz authorizationz rest restart
    payload claims iss sub aud scp exp nbf iat jti azp permission
    aborted already argument cancelled data deadline exceeded exhausted exists failed loss precondition unauthenticated
    out unavailable unimplemented
    passthrough destination source principal passthroughfilterchain inboundpassthroughclusteripv4 catchall vhost
    inboundpassthroughclusteripv6 pem crt zstd stackdriver global dry engine effective result
    clusterset enable inference inferencepool serviceimport xbackend extension mcs support
    """.split()  # noqa: SIM905  # a list of words is read as words
)

FIELD_WORDS = frozenset(
    """
    abort acked add addr address addresses aggression alias annotations append args attempts audiences authenticated
    body buckets burst canonical capacity captured case category cidr clients closed command component concurrency
    conditions configs configuration configs conn containers contains context cpu credentials cumulative decorator
    delay delegate denominator description destination destinations details digest direction disabled domains driver
    dst duration effect egress enabled end env ep err exact exit expression extensions failover fields filename finalizers
    flags force format group groups handshaker histograms ids index interval ipblock issuer items keys kinds layers
    lifecycle limits line literal match matcher matchers matches medium methods metrics mirror mirrors mutations n nanos
    ndots note number numerator operation operator optional options outcome outbound page params password paths pattern
    patterns pem percent percentage permissions phase phases pipe policies pool preference principals priority probes
    process processing properties provider providers proxies ranges rate rds reason rds regex region remove replicas
    requirement requirements requires resolution resolver resources retries retryon rewrite routing runtime sample samples
    sampling search secs segments send sent serial serving settings shop source sources src stackdriver start started
    statistics strategy subject subjects subresources substitution substitutions subsets subzone suffix table te template
    templates terminating thresholds throttle tier time timeout tolerations transparent units unless unready upfail update
    username users usernames verbs view views visibility warming warmup watches weight weights when window wl workers
    enforced override precedence protocols ratio health checks limitrange labels quota spans sink sinks tags
    code count cluster data level message name namespace node status type value version
    """.split()  # noqa: SIM905  # a list of words is read as words
)
"""Fields of Envoy, Istio and Kubernetes that are one lower-case word and not among SOFTWARE_WORDS."""

EXTENSION_WORDS = frozenset(
    """
    adaptive admission ai alternate alts backtrace bandwidth based batch built capsule cares cdn cgroup checkers
    codecs compact compression datadog detector detectors deterministic dog dynatrace echo engines envelope
    eventstream expr extraction fifo filesystem fluentd framed getaddrinfo graphite gso handler handshakers hashable
    heap hessian hickory hystrix impl injected inputs inspector keeper lambda listed llm loggers logical maxmind mcp
    mind model modifiers module modules ms multicluster mux param parsers priorities proc processor processors
    property provided quiche ray requester rewriter sampler samplers schema scrubber share side sky sockmap sotw sql
    sse starttls statsd subscription tap tracers trailer transcoder twitter unframed upstreams uuid walking wrr xray
    zoo zookeeper
    accepted build cancelled connectivity exceeded idempotent immediate refused reset retriable running stream tlsv
    transient unavailable programmed references resolved attached bound pending succeeded failed unready waiting
    terminated evicted completed boring modified release first if always never unless present cluster sets
    advertised allocated archived vips shards ability redundant cidrs close hello parsing errors picking explicit
    payload locations modulo near nullable owner references proxies trusted signal unschedulable usages versions
    exclusive emails constraints created cidr peers sans seed uris ai dnat restart publish not ready addresses
    telemetries unresolved gateways supported quantiles computed mutex epoch hot skip shutdown parent cpuset threads
    grain fine core dump stacktrace entry initializing logs enable
    aes acl cbc chacha changed cni compact csds dc defined deleted delta dpe dr draining ec ecdhe ecdsa eds exact fi fips
    fqdn gauge gcm gap hs ih implementation insert interception ipv kubeconfig lb lc lr maglev made mb mark members
    merge moved move nc ne notify nr once over part partly permanent permanently place poly post present previous
    propfind proppatch received reference rl rlse same sanitize sg subscribe synced temporary uaex udo uf uh unchanged
    undefined unescape unlock unspecified unsubscribe untrusted uo upe upsert ur urx utc uc valid warn warning unmanaged
    readiness liveness startup grant openmetrics vnd metadataexchange inpod hash ring round robin random least request
    degraded hc removal excluded via before after remote reset disconnect termination healthy started delayed overflow
    duration local upstream downstream connect connection failure response request timeout idle max
    exists both million hundred thousand ten resp byte used use configured loopback lock desired email required opened
    connections rsa checkout link mkactivity mkcalendar mkcol okp one orig purge rebind restarts see smtp unbind unlink
    unset completions addresstype iptables ratelimited exhausted deadline prefer scp alpn unsupported googleapis hyper
    util statemanager workloadmanager dirty unauthorized imp error trace debug critical
    sha boringssl clean tlsv1 immediate recreate rolling orphan foreground background serve
    """.split()  # noqa: SIM905  # a list of words is read as words
)
"""Words of settings and of the names of Envoy's own extensions: known there, but a name elsewhere."""

SOFTWARE_TEXT = re.compile(
    r"type\.googleapis\.com/(?:envoy|istio|google|xds|udpa)\..*|envoy\.(?!.*\.(?:com|net|org|io|dev|app|cloud|local|internal)$)(?:[a-z0-9_]+\.)*\w+"
    r"|istio\.(?:stats|alpn|metadata_exchange|workload|[a-z]+_[a-z_]+)|io\.istio\.[\w.]*"
    r"|(?:[\w-]+\.)*(?:istio|k8s|kubernetes)\.io(?:/[\w.-]+)?"
    r"|(?:re2|overload)\.[a-z_]+(?:\.[a-z_]+)*"
    r"|x-(?:envoy|b3|forwarded|request|real)-.*|user-agent"
)
"""Whole texts that stay: type URLs, names of Envoy's extensions, Kubernetes' and Istio's own labels, header names."""
