"""`meshscope pc KIND`: `get` for fingers that know `istioctl proxy-config`, which puts the proxy after the kind."""

from __future__ import annotations

import click

from meshscope.cli import completing, get

command = click.Command(
    "pc",
    callback=get.command.callback,
    params=[
        *(parameter for parameter in get.command.params if parameter.name not in ("name", "proxy")),
        click.Argument(["proxy"], required=False, default="", metavar="[POD]", shell_complete=completing.proxies),
    ],
    help="""`get` as `istioctl proxy-config` has it: KIND, then the POD (or workload) whose configuration is asked for.

    \b
    Example:
      meshscope pc routes productpage --name 9080
    """,
)
