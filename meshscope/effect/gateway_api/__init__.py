"""Objects of the Gateway API as istiod reads them: it makes Gateways and VirtualServices of them, which nobody writes.

The translation is that of https://github.com/istio/istio/tree/master/pilot/pkg/config/kube/gateway . What it makes keeps the
rule that it was made of, and is compared with proxies as what people write is. Nothing here knows a proxy.
"""
