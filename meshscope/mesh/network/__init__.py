"""Who is in the network: services, workloads and their addresses, as istiod and ztunnel know them."""
