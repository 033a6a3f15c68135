"""Values that configurations and requests share, so that requests fall near what was configured."""

from __future__ import annotations

from hypothesis import strategies as st

from .real_envoy import CLUSTERS, EMPTY

HOSTS = ("a.example", "b.a.example", "x.b.a.example", "api-v1.example", "a.example:80", "a.example:8080", "10.0.0.1")
DOMAINS = (*HOSTS, "B.A.example", "*.example", "*.a.example", "*-v1.example", "*example", "*e:80", "a.*", "a.example:*",
           "b.*", "api*", ".a.example", "[::1]", "*.b.a.example:80")  # fmt: skip
ODD_HOSTS = ("A.Example", "a.example.", "a.example.:80", ".a.example", "-v1.example", "", "[::1]:80", "[::1]", "a.example:x",
             "other.test", "a_b.example", "a.")  # fmt: skip
SEGMENTS = ("a", "b", "ab", "A", "c.d", "1")
ODD_SEGMENTS = ("", ".", "..", "%2e%2E", "a%2fb", "a%2Fb", "a%5Cb", "a;x=1", ";x", "%61", "%zz", "a\\b", "%00", "a%20b",
                "a:b", "a,b", "~a", "%7Ea", "..;x", "%3B")  # fmt: skip
PARAMETERS = ("x", "x=", "x=1", "x=2", "x=%31", "%78=1", "y=ab", "y=a+b", "X=1", "x=1=2", "=1", "")
HEADER_NAMES = ("x-a", "x-b", "user-agent", "accept", "content-type", "cookie", "referer", "X-A", "x_c")
PSEUDO_HEADERS = (
    ":path",
    ":method",
    ":authority",
    ":scheme",
    "host",
    "x-forwarded-proto",
    "x-forwarded-for",
    "x-absent",
)
VALUES = ("", "1", "2", "a", "A", "ab", "a,b", "5x", "-3", "+5", "application/grpc", "curl/8", "http", "https", "GET")
REGEXES = ("a.*", "[ab]+", "(?i)a", ".*", "[0-9]+", "/a(/.*)?", "/[^/]+", ".*b.*", "(a|ab)(,b)?")
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "get", "FOO", "CONNECT", "TRACE")
IPS = ("10.0.0.1", "10.0.0.2", "10.1.0.1", "192.168.1.9", "127.0.0.1", "127.0.0.9", "8.8.8.8")
V6 = ("2001:db8::1", "::1", "fd00::2")
PORTS = (80, 81, 8080, 443)
RANGES = (
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.1/32",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "0.0.0.0/0",
    "8.8.8.0/24",
    "10.1.0.1/8",
)
RANGES_V6 = ("2001:db8::/32", "::/0", "::1/128", "fd00::/8")

hosts = st.sampled_from(HOSTS)
cluster_names = st.sampled_from((*CLUSTERS, EMPTY, "missing"))
header_names = st.sampled_from(HEADER_NAMES)
values = st.sampled_from(VALUES)
regexes = st.sampled_from(REGEXES).map(lambda regex: {"regex": regex})


def cidr(text: str) -> dict[str, object]:
    prefix, _, length = text.partition("/")
    return {"address_prefix": prefix, "prefix_len": int(length)}


cidrs = st.sampled_from(RANGES).map(cidr)
any_cidrs = st.sampled_from((*RANGES, *RANGES_V6)).map(cidr)


def joined(segments: list[str]) -> str:
    return "/" + "/".join(segments)


plain_paths = st.lists(st.sampled_from(SEGMENTS), max_size=3).map(joined)
_odd = st.sampled_from((*SEGMENTS, *SEGMENTS, *ODD_SEGMENTS))
odd_paths = st.lists(_odd, max_size=4).map(joined)
queries = st.lists(st.sampled_from(PARAMETERS), max_size=3).map(lambda each: "?" + "&".join(each) if each else "")
paths = st.tuples(st.one_of(plain_paths, odd_paths), queries).map("".join)
