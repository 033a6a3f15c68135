"""The filters of lists, as in `istioctl proxy-config` and kubectl.

A verb gets them as one `Selection`; it adds the name and the time, which are other parameters of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

import click

from meshscope.cli import completing
from meshscope.cli.verb import FILTERS, Option
from meshscope.errors import UsageError
from meshscope.listing.selection import Selection

STATES = ("active", "static", "warming", "draining", "error", "all")

_filter = partial(click.option, cls=Option, section=FILTERS)


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the filters; the verb's parameter is `selection`."""

    @wraps(function)
    def with_selection(**options: Any) -> Any:
        every, labels, *texts = (options.pop(name) for name in ("all_namespaces", "labels", *_TEXTS))
        fields: dict[str, Any] = {name: value or "" for name, value in zip(_TEXTS, texts, strict=True)}
        if every:
            fields["namespace"] = ""
        selection = Selection(labels=tuple(_labels(labels)), port=options.pop("port"), **fields)
        return function(selection=selection, **options)

    wrapped: Callable[..., Any] = with_selection
    for option in reversed((
        _filter("--proxy", metavar="POD", default="", help="a pod, pod.namespace, workload or app",
                shell_complete=completing.proxies),
        _filter("-n", "--namespace", metavar="NS", help="of the proxy or object",
                shell_complete=completing.namespaces),
        _filter("-A", "--all-namespaces", is_flag=True, help="all namespaces (the default)"),
        _filter("-l", "--selector", "labels", metavar="LABELS", default="", help="key=value,… of the pod or object"),
        _filter("--port", type=int, metavar="PORT", help="of the listener, cluster or endpoint"),
        _filter("--address", metavar="IP", help="of the listener or endpoint",
                shell_complete=completing.values),
        _filter("--fqdn", metavar="HOST", help="the service's full name",
                shell_complete=completing.values),
        _filter("--subset", metavar="SUBSET", help="of the cluster",
                shell_complete=completing.values),
        _filter("--direction", type=click.Choice(["inbound", "outbound", "inbound-vip"]), metavar="DIRECTION",
                help="inbound, outbound or inbound-vip"),
        _filter("--type", metavar="TYPE", help="of the cluster (EDS, …) or listener (HTTP, TCP, ROUTE, …)",
                shell_complete=completing.values),
        _filter("--cluster", metavar="CLUSTER", help="of this cluster, or leading to it",
                shell_complete=completing.values),
        _filter("--status", metavar="STATUS", help="health of the endpoint, status of the secret",
                shell_complete=completing.values),
        _filter("--name", metavar="NAME", help="the resource's name",
                shell_complete=completing.values),
        _filter("--state", type=click.Choice(STATES), metavar="STATE",
                help=f"{', '.join(STATES[:-1])} or all; default: those in effect"),
    )):  # fmt: skip
        wrapped = option(wrapped)
    return wrapped


_TEXTS = (
    "proxy", "namespace", "address", "fqdn", "subset", "direction", "type", "cluster", "status", "name", "state",
)  # fmt: skip


def _labels(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"-l {text!r}: labels are key=value, separated by commas")
        yield key.strip(), value.removeprefix("=").strip()
