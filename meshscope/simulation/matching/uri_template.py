"""URI templates: `/a/*`, `/a/{name}`, `/{rest=**}`, `/v{version}/x`; the whole path is matched, without its query.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/path/match/uri_template/v3/uri_template_match.proto
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from meshscope.simulation.connection import Envoy
from meshscope.simulation.guards import uri_template_match_on_asterisk, uri_template_mixed_variable_literals
from meshscope.simulation.matching.string import compiled_regex
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.extension import Extension
from meshscope.xds.matcher_message import ExtensionMatcher
from meshscope.xds.message import Undecodable, decode

URI_TEMPLATE = "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"
_LITERAL = "a-zA-Z0-9-._~%!$&'()+,;:@="
_NAME = r"(?a)[a-zA-Z][a-zA-Z0-9_]{0,15}"
_MOST_VARIABLES = 5


class UriTemplateMatchConfig(ExtensionMatcher, frozen=True):
    path_template: str = ""


def path_template(policy: Extension) -> str | Undecodable:
    """The template of a `path_match_policy` or of RBAC's `uri_template`; Undecodable for another kind of policy."""
    if policy.type_name != URI_TEMPLATE:
        return Undecodable(f"path match policy {policy.type_name or policy.name}")
    found = decode(policy.typed_config, UriTemplateMatchConfig)
    if isinstance(found, Undecodable):
        return found
    return Undecodable(f"URI template: {found.doubt}") if found.unread else found.path_template


def uri_template_matches(template: str, path: str, envoy: Envoy) -> Verdict:
    """`path` is without query and fragment. Unknown for a template that Envoy refuses at load."""
    compiled = compiled_template(
        template,
        asterisk=uri_template_match_on_asterisk(envoy),
        mixed=uri_template_mixed_variable_literals(envoy),
    )
    if isinstance(compiled, Undecodable):
        return unknown(f"URI template {template!r} is refused: {compiled.why}")
    return YES if compiled is not None and compiled.fullmatch(path.encode("utf-8", "surrogatepass")) else NO


@lru_cache(maxsize=4096)
def compiled_template(template: str, *, asterisk: bool, mixed: bool) -> Any:
    """An RE2; None where Envoy makes a regex of the template that RE2 refuses, which then matches nothing."""
    try:
        regex = _Template(_LITERAL + ("*" if asterisk else ""), mixed=mixed).regex(template)
    except _RefusedError as why:
        return Undecodable(str(why))
    compiled = compiled_regex(regex)
    return None if isinstance(compiled, str) else compiled


class _RefusedError(ValueError):
    """The template is no template."""


class _Template:
    """One reading of a template into the regex that Envoy makes of it."""

    def __init__(self, literal: str, *, mixed: bool) -> None:
        self._valid = re.compile(f"[{literal}]+", re.ASCII)
        self._globs = {"*": f"[{literal}]+", "**": f"[{literal}/]*"}
        self._mixed = mixed
        self._names: set[str] = set()
        self._rest_taken = False

    def regex(self, template: str) -> str:
        if not re.fullmatch(r"/[!-~]*", template, re.ASCII):
            raise _RefusedError("it does not start with / or is not printable")
        segments, rest = [], template[1:]
        while rest:
            segment, rest = self._segment(rest)
            segments.append(segment)
            if rest == "/":
                segments.append("")
            rest = rest[1:]
        return "/" + "/".join(segments)

    def _segment(self, text: str) -> tuple[str, str]:
        """The regex of the first segment, and what follows it: nothing, or `/` and more."""
        if text[0] == "*":
            glob = "**" if text.startswith("**") else "*"
            return self._suffixed(self._glob(glob), text[len(glob) :], may_go_on=False)
        if text[0] == "{":
            variable, rest = self._variable(text)
            return self._suffixed(variable, rest, may_go_on=self._mixed)
        segment, slash, rest = text.partition("/")
        if self._mixed and "{" in segment and "}" in segment:
            prefix, brace, named = segment.partition("{")
            variable, suffix = self._variable(brace + named)
            return self._literal(prefix) + self._suffixed(variable, suffix, may_go_on=True)[0], slash + rest
        return self._literal(segment), slash + rest

    def _suffixed(self, regex: str, text: str, *, may_go_on: bool) -> tuple[str, str]:
        """A glob or variable with the literal that follows it in its segment, if any."""
        suffix, slash, rest = text.partition("/")
        if suffix and slash and not may_go_on:
            raise _RefusedError("text follows a glob, and another segment follows the text")
        return regex + (self._literal(suffix) if suffix else ""), slash + rest

    def _literal(self, text: str) -> str:
        """As Envoy escapes it: a `*` is left alone and acts as the regex's own."""
        if not self._valid.fullmatch(text):
            raise _RefusedError(f"invalid literal {text!r}")
        return re.sub(r"([$()+.])", r"\\\1", text)

    def _glob(self, glob: str) -> str:
        if self._rest_taken:
            raise _RefusedError("a glob follows **")
        self._rest_taken = glob == "**"
        return self._globs[glob]

    def _variable(self, text: str) -> tuple[str, str]:
        inside, brace, rest = text[1:].partition("}")
        name, equals, pattern = inside.partition("=")
        if not brace or not re.fullmatch(_NAME, name) or name in self._names or len(self._names) == _MOST_VARIABLES:
            raise _RefusedError(f"invalid variable {text!r}")
        self._names.add(name)
        parts = pattern.split("/") if equals else ["*"]
        matched = "/".join(self._glob(part) if part in self._globs else self._literal(part) for part in parts)
        return f"({matched})", rest
