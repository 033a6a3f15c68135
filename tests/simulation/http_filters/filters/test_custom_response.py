from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import UNKNOWN, End
from meshscope.simulation.trace import Response

from ..walks import context, entry, filter_list, only, request, scope, typed

KIND = "custom_response.v3.CustomResponse"
INPUT = "type.googleapis.com/envoy.type.matcher.v3."
LOCAL = "type.googleapis.com/envoy.extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy"
DENIED = End(Disposition.DENIED, Response(code=403, flags="UAEX", details="ext_authz_denied"))


def config(text: str, policy: Any, name: str = "HttpResponseStatusCodeMatchInput") -> dict[str, Any]:
    source = {"name": "s", "typed_config": {"@type": INPUT + name}}
    predicate = {"single_predicate": {"input": source, "value_match": {"exact": text}}}
    action = {"action": {"name": "a", "typed_config": {"@type": LOCAL, **policy}}}
    return {"custom_response_matcher": {"matcher_list": {"matchers": [{"predicate": predicate, "on_match": action}]}}}


def answered(*configs: dict[str, Any], **fields: Any) -> End:
    filters = filter_list(*(entry(KIND, **one) for one in configs))
    (outcome,) = filters.answered(DENIED, request(), context(**fields))
    assert isinstance(outcome.value, End)
    return outcome.value


@pytest.mark.parametrize(
    ("text", "name", "policy", "code"),
    [
        ("403", "HttpResponseStatusCodeMatchInput", {"status_code": 499}, 499),
        ("404", "HttpResponseStatusCodeMatchInput", {"status_code": 499}, None),
        ("4xx", "HttpResponseStatusCodeClassMatchInput", {"status_code": 499}, 499),
        ("true", "HttpResponseLocalReplyMatchInput", {"status_code": 499}, 499),
        ("403", "HttpResponseStatusCodeMatchInput", {}, 403),
    ],
)
def test_an_answer_that_matches_is_another_and_keeps_its_flags(text: str, name: str, policy: Any, code: Any) -> None:
    expected = DENIED if code is None else End(Disposition.DENIED, Response(code=code, flags="UAEX"))
    assert answered(config(text, policy, name)) == expected


def test_the_last_filter_of_the_list_sees_an_answer_first_and_only_one_answers() -> None:
    first, last = config("403", {"status_code": 410}), config("403", {"status_code": 499})
    response = answered(first, last).response
    assert response is not None
    assert response.code == 499


def test_the_most_specific_configuration_counts_and_another_policy_is_unknown() -> None:
    route = scope(typed(KIND, **config("403", {"status_code": 477})))
    response = answered(config("403", {"status_code": 499}), route=route).response
    assert response is not None
    assert response.code == 477
    redirects = config("403", {"@type": LOCAL.replace("local_response_policy.v3.LocalResponsePolicy", "redirect")})
    assert answered(redirects) == UNKNOWN


def test_a_request_passes() -> None:
    assert only(filter_list(entry(KIND, **config("403", {}))), request()).value == request()
