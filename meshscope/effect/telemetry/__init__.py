"""Access logs, traces and metrics: what the Telemetry objects of all levels come to at a proxy."""
