"""What would Envoy do with this request? One matcher for each concept; Request -> Trace. Pure: no I/O, no clock."""
