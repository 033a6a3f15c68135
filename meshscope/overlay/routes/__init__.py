"""The routes of virtual hosts that VirtualServices touch."""
