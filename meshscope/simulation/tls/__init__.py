"""What a TLS handshake is decided by, the same for both sides: certificates, secrets, validation, versions."""
