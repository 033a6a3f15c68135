"""The kinds of Kubernetes, Istio and the Gateway API: their names, and the columns that kubectl prints for them."""
