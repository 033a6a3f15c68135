"""Ingress objects as istiod reads them: it makes a Gateway of each, and a VirtualService of each host.

The translation is that of https://github.com/istio/istio/tree/master/pilot/pkg/config/kube/ingress .
"""
