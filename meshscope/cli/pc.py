"""`meshscope pc KIND`: `get` in the order of `istioctl proxy-config`, which puts the proxy after the kind."""

from __future__ import annotations

import click

from meshscope.cli import completing, get
from meshscope.cli.verb import Verb

command = Verb(
    "pc",
    callback=get.command.callback,
    params=[
        *(parameter for parameter in get.command.params if parameter.name not in ("resource", "proxy")),
        click.Argument(["proxy"], required=False, default="", metavar="[POD]", shell_complete=completing.proxies),
    ],
    help="""List as `istioctl proxy-config` does: KIND, then the POD (or workload) whose configuration is listed.

    \b
    Examples:
      meshscope pc routes productpage --name 9080
      meshscope pc clusters productpage.default --direction inbound
    """,
)
