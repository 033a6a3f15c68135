"""`path_rewrite_policy` with a URI template: the variables of the match in another template.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/path/rewrite/uri_template/v3/uri_template_rewrite.proto
"""

from __future__ import annotations

import re
from typing import Any

from meshscope.simulation.matching.uri_template import compiled_template, path_template
from meshscope.xds.extension import Extension
from meshscope.xds.message import Message, Undecodable, decode

URI_TEMPLATE_REWRITE = "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig"
_VARIABLE = r"(?a)\{([a-zA-Z][a-zA-Z0-9_]*)[=}]"
_WANTED = r"\{([^{}]*)\}"


class UriTemplateRewriteConfig(Message, frozen=True):
    path_template_rewrite: str = ""


class UriTemplateRewrite:
    """A rewrite made ready once. `why` is not "" where it cannot be known; then the path is left alone."""

    def __init__(self, match: Extension | None, policy: Extension) -> None:
        self.why, self._rewrite, self._pattern = "", "", None
        self._names: list[str] = []
        template = path_template(match) if match else Undecodable("the route has no path_match_policy")
        config = decode(policy.typed_config, UriTemplateRewriteConfig)
        if policy.type_name != URI_TEMPLATE_REWRITE:
            self.why = f"path_rewrite_policy {policy.type_name or policy.name}"
        elif isinstance(template, Undecodable) or isinstance(config, Undecodable):
            self.why = template.why if isinstance(template, Undecodable) else str(getattr(config, "why", ""))
        else:
            self._rewrite, self._names = config.path_template_rewrite, re.findall(_VARIABLE, template)
            self._pattern = _compiled(template)

    def apply(self, path: str) -> str:
        """`path` is without its query. One that does not match is left alone."""
        match = self._pattern.fullmatch(path.encode("utf-8", "surrogatepass")) if self._pattern else None
        if match is None:
            return path
        groups = (group.decode("utf-8", "surrogatepass") for group in match.groups(default=b""))
        values = dict(zip(self._names, groups, strict=False))
        return re.sub(_WANTED, lambda wanted: values.get(wanted[1], ""), self._rewrite)


def _compiled(template: str) -> Any:
    """The globs' newer reading takes all that the older takes; that the route matched is known already."""
    compiled = compiled_template(template, asterisk=True, mixed=True)
    return None if isinstance(compiled, Undecodable) else compiled
