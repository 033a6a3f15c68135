"""One self-contained HTML page: the mesh at a glance, traces as outlines, and the scopes of proxies as drawings."""
