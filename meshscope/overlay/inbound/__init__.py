"""The ports on which a sidecar takes requests for its workload: their filter chains and clusters."""
