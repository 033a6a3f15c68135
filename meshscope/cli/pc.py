"""`meshscope pc KIND`: `get` for fingers that know `istioctl proxy-config`, which puts the proxy after the kind."""

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
    help="""`get` as `istioctl proxy-config` has it: KIND, then the POD (or workload) whose configuration is asked for.

    \b
    Examples:
      meshscope pc routes productpage --name 9080
      meshscope pc clusters productpage.default --direction inbound
    """,
)
