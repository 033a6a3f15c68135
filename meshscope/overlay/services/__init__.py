"""The services that a proxy is told of, as ServiceEntries, WorkloadEntries, Services and Sidecars decide."""
