"""A client on loopback: a PROXY protocol header that says where it comes from and where it wants to go, then bytes."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import struct
from typing import NamedTuple

from . import certificates

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


class Tls(NamedTuple):
    """What a client says in its handshake; `sni` "" is none. `certificate`: it has one to show, if it is asked."""

    sni: str = ""
    alpn: tuple[str, ...] = ()
    certificate: bool = False


class Said(NamedTuple):
    """`peer` is the client's own address, as the log has it; `answer` what came back, all of it, until it was closed."""

    peer: str
    answer: bytes


def proxy_header(source: tuple[str, int], destination: tuple[str, int]) -> bytes:
    """Version 2, of two addresses of one family. https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt"""
    ips = [ipaddress.ip_address(ip).packed for ip, _ in (source, destination)]
    family = 0x11 if len(ips[0]) == 4 else 0x21
    addresses = b"".join(ips) + struct.pack("!HH", source[1], destination[1])
    return SIGNATURE + struct.pack("!BBH", 0x21, family, len(addresses)) + addresses


def exchange(port: int, header: bytes, request: bytes, tls: Tls | None) -> Said:
    """One connection; `tls` None is plain text."""
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        peer = ":".join(map(str, plain.getsockname()[:2]))
        answer = b""
        with contextlib.suppress(OSError):  # refused handshakes and resets are answers, too
            plain.sendall(header)
            with wrapped(plain, tls) as stream:
                stream.sendall(request)
                while chunk := stream.recv(65536):
                    answer += chunk
        return Said(peer, answer)


def wrapped(plain: socket.socket, tls: Tls | None) -> socket.socket:
    if tls is None:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if tls.alpn:
        context.set_alpn_protocols(tls.alpn)
    if tls.certificate:
        context.load_cert_chain(certificates.client())
    return context.wrap_socket(plain, server_hostname=tls.sni or None)
