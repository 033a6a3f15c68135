"""One HTTP route of a VirtualService: what it matches, and what it does.

https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.labels import Labels
from meshscope.istio.objects.destination import Destination
from meshscope.typed import Typed


class StringMatch(Typed, frozen=True):
    """One member at most; without any, the name only has to be present. `regex` is RE2 and matches the whole text."""

    exact: str | None = None
    prefix: str | None = None
    regex: str | None = None


class HTTPMatchRequest(Typed, frozen=True, rename="camel"):
    """All members must hold. A `port` of 0 is any port. `uri` is the path without the query."""

    name: str = ""
    uri: StringMatch | None = None
    scheme: StringMatch | None = None
    method: StringMatch | None = None
    authority: StringMatch | None = None
    headers: dict[str, StringMatch] = {}
    port: int = 0
    source_labels: Labels = Labels()
    gateways: tuple[str, ...] = ()
    query_params: dict[str, StringMatch] = {}
    ignore_uri_case: bool = False
    without_headers: dict[str, StringMatch] = {}
    source_namespace: str = ""
    stat_prefix: str = ""


class HeaderOperations(Typed, frozen=True):
    set: Labels = Labels()
    add: Labels = Labels()
    remove: tuple[str, ...] = ()


class Headers(Typed, frozen=True):
    request: HeaderOperations | None = None
    response: HeaderOperations | None = None


class HTTPRouteDestination(Typed, frozen=True):
    """An absent `weight` counts as 0, and as all where the destination is the only one."""

    destination: Destination = Destination()
    weight: int | None = None
    headers: Headers | None = None


class HTTPRedirect(Typed, frozen=True, rename="camel"):
    """`port` and `derive_port` exclude each other. A `redirect_code` of 0 is 301."""

    uri: str = ""
    authority: str = ""
    port: int | None = None
    derive_port: str | None = None
    scheme: str = ""
    redirect_code: int = 0
    prefix_rewrite: str = ""


class HTTPBody(Typed, frozen=True):
    """One of both. `bytes` is base64."""

    string: str | None = None
    bytes: str | None = None


class HTTPDirectResponse(Typed, frozen=True):
    status: int = 0
    body: HTTPBody | None = None


class Delegate(Typed, frozen=True):
    """The VirtualService that has this route's own routes. An empty `namespace` is the object's own."""

    name: str = ""
    namespace: str = ""


class RegexRewrite(Typed, frozen=True):
    match: str = ""
    rewrite: str = ""


class HTTPRewrite(Typed, frozen=True, rename="camel"):
    """`uri` replaces what the route's `uri` matched: a prefix, or the whole path."""

    uri: str = ""
    authority: str = ""
    uri_regex_rewrite: RegexRewrite | None = None


class HTTPRetry(Typed, frozen=True, rename="camel"):
    """`attempts` of 0 means none. Times are durations."""

    attempts: int = 0
    per_try_timeout: str = ""
    retry_on: str = ""
    retry_remote_localities: bool | None = None
    retry_ignore_previous_hosts: bool | None = None
    backoff: str = ""


class Percent(Typed, frozen=True):
    """From 0 to 100."""

    value: float = 0.0


class Delay(Typed, frozen=True, rename="camel"):
    """One of both delays, as durations. `percent` is the old form of `percentage`."""

    fixed_delay: str | None = None
    exponential_delay: str | None = None
    percent: int = 0
    percentage: Percent | None = None


class Abort(Typed, frozen=True, rename="camel"):
    """One of the three statuses."""

    http_status: int | None = None
    grpc_status: str | None = None
    http2_error: str | None = None
    percentage: Percent | None = None


class HTTPFaultInjection(Typed, frozen=True):
    delay: Delay | None = None
    abort: Abort | None = None


class HTTPMirrorPolicy(Typed, frozen=True):
    """Without `percentage` every request is mirrored."""

    destination: Destination = Destination()
    percentage: Percent | None = None


class CorsPolicy(Typed, frozen=True, rename="camel"):
    """`allow_origin` is the old, exact form of `allow_origins`. `max_age` is a duration."""

    allow_origin: tuple[str, ...] = ()
    allow_origins: tuple[StringMatch, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age: str = ""
    allow_credentials: bool | None = None
    unmatched_preflights: str = "UNSPECIFIED"


class HTTPRoute(Typed, frozen=True, rename="camel"):
    """Any match will do; without one the route takes every request.

    `mirror_percent`, also in its old spelling, is the old form of `mirror_percentage`. `timeout` is a duration.
    """

    name: str = ""
    match: tuple[HTTPMatchRequest, ...] = ()
    route: tuple[HTTPRouteDestination, ...] = ()
    redirect: HTTPRedirect | None = None
    direct_response: HTTPDirectResponse | None = None
    delegate: Delegate | None = None
    rewrite: HTTPRewrite | None = None
    timeout: str = ""
    retries: HTTPRetry | None = None
    fault: HTTPFaultInjection | None = None
    mirror: Destination | None = None
    mirrors: tuple[HTTPMirrorPolicy, ...] = ()
    mirror_percent: int | None = None
    old_mirror_percent: int | None = field(default=None, name="mirror_percent")
    mirror_percentage: Percent | None = None
    cors_policy: CorsPolicy | None = None
    headers: Headers | None = None
