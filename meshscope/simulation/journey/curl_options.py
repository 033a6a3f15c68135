"""The options of a curl command line: their long names, which take a value, and which may be left out of account.

https://curl.se/docs/manpage.html
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.simulation.journey.field_error import FieldError

URL = "url"
_SHORT = {
    "X": "request", "H": "header", "d": "data", "A": "user-agent", "e": "referer", "b": "cookie", "u": "user",
    "E": "cert", "F": "form", "x": "proxy", "T": "upload-file", "r": "range", "I": "head", "G": "get", "p": "proxytunnel",
    "0": "http1.0",
    "o": "output", "m": "max-time", "w": "write-out", "D": "dump-header", "c": "cookie-jar", "Y": "speed-limit",
    "y": "speed-time", "s": "silent", "S": "show-error", "v": "verbose", "i": "include", "k": "insecure", "L": "location",
    "f": "fail", "g": "globoff", "j": "junk-session-cookies", "O": "remote-name", "J": "remote-header-name",
    "N": "no-buffer", "q": "disable", "R": "remote-time", "#": "progress-bar", "Z": "parallel", "4": "ipv4", "6": "ipv6",
    "1": "tlsv1", "K": "config", "z": "time-cond", "n": "netrc", "U": "proxy-user", "C": "continue-at", "P": "ftp-port",
    "Q": "quote", "t": "telnet-option", "a": "append", "l": "list-only", ":": "next",
}  # fmt: skip
_WORDS = {
    "with a value that the request takes": """
    request header data data-raw data-binary data-ascii data-urlencode json form form-string user-agent referer cookie
    user url url-query upload-file proxy resolve connect-to cert oauth2-bearer range request-target unix-socket
    interface
    """,
    "switches that change the request": """
    head get proxytunnel http1.0 http1.1 http2 http2-prior-knowledge path-as-is no-alpn compressed
    """,
    "with a value, for curl alone or what it makes of the answer": """
    output output-dir max-time connect-timeout cacert capath crlfile key key-type cert-type pass retry retry-delay
    retry-max-time write-out limit-rate rate max-redirs dump-header cookie-jar max-filesize trace trace-ascii
    trace-config stderr dns-servers doh-url speed-limit speed-time keepalive-time expect100-timeout
    happy-eyeballs-timeout-ms parallel-max pinnedpubkey create-file-mode engine noproxy libcurl local-port
    """,
    "switches for curl alone or what it makes of the answer": """
    silent show-error verbose include insecure location location-trusted fail fail-with-body fail-early globoff
    junk-session-cookies remote-name remote-name-all remote-header-name no-buffer disable remote-time progress-bar
    no-progress-meter parallel parallel-immediate ipv4 ipv6 tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 no-keepalive
    create-dirs tcp-nodelay tcp-fastopen ssl-no-revoke styled-output trace-time trace-ids retry-connrefused
    retry-all-errors raw no-sessionid skip-existing remove-on-error no-clobber post301 post302 post303 cert-status
    show-headers basic
    """,
    "refused, for they change the request in ways that are not followed": """
    anyauth digest ntlm negotiate aws-sigv4 delegation netrc netrc-file netrc-optional config next
    haproxy-protocol haproxy-clientip http3 http3-only http0.9 proxy-header proxy-user socks4 socks4a socks5
    socks5-hostname preproxy proxy1.0 tls-max ciphers tls13-ciphers curves tr-encoding time-cond continue-at
    abstract-unix-socket dns-interface variable ech alt-svc hsts etag-compare etag-save ignore-content-length proto
    proto-default expand-url referer-auto
    """,
}
HONOURED, SWITCHES, _SKIPPED_VALUES, _SKIPPED, _REFUSED = (frozenset(words.split()) for words in _WORDS.values())
_REFUSED_VALUES = ("config", "time-cond", "proxy-user", "continue-at", "ftp-port", "quote", "telnet-option")
"""Of the options that are refused those of one letter that take a value."""


def options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option that counts, by its long name, with its value ("" for a switch). Raises FieldError for one that would change
    the request in a way that is not followed.
    """
    for name, value in _every(words):
        if name in HONOURED or name in SWITCHES:
            yield name, value
        elif name not in _SKIPPED and name not in _SKIPPED_VALUES:
            raise FieldError(
                "curl", f"option --{name} is not followed: leave it out, or say what it does in other words"
            )


def _every(words: list[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            if not _is_known(name):
                raise FieldError("curl", f"no option --{name}{_nearest(name)}")
            yield name, value if equals else _value(rest, word) if _takes_value(name) else ""
        elif word.startswith("-") and len(word) > 1 and word != "--":
            yield from _letters(word, rest)
        elif word != "--":
            yield URL, word


def _letters(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    """`-sSXPOST`: switches, then at most one option with a value, which may follow without a space."""
    for position, letter in enumerate(word[1:], 1):
        name = _SHORT.get(letter)
        if name is None:
            raise FieldError("curl", f"no option -{letter}")
        if _takes_value(name):
            yield name, word[position + 1 :] or _value(rest, word)
            return
        yield name, ""


def _is_known(name: str) -> bool:
    return any(name in names for names in (HONOURED, SWITCHES, _SKIPPED, _SKIPPED_VALUES, _REFUSED))


def _takes_value(name: str) -> bool:
    return name in HONOURED or name in _SKIPPED_VALUES or name in _REFUSED_VALUES


def _nearest(name: str) -> str:
    from meshscope.nearest import nearest  # only for an unknown word

    known = HONOURED | SWITCHES | _SKIPPED | _SKIPPED_VALUES
    return nearest(f"--{name}", sorted(f"--{each}" for each in known))


def _value(rest: Iterator[str], option: str) -> str:
    value = next(rest, None)
    if value is None:
        raise FieldError("curl", f"{option} needs a value")
    return value
