"""From captured documents to the proxies, objects and manifests of a mesh."""
