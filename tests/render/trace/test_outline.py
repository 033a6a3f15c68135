"""What is said of a trace, and in which order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.location import Location
from meshscope.render.trace.line import Line, Meaning, Position
from meshscope.render.trace.outline import outline
from meshscope.render.trace.spelling import Spelling
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.hints import DESTINATION
from meshscope.simulation.journey.refused_updates import RefusedUpdate
from meshscope.simulation.journey.side import Side
from meshscope.simulation.trace import (
    Direction,
    EndpointRef,
    Hop,
    Path,
    Rejected,
    Response,
    Retries,
    Step,
    StepKind,
    Tls,
)
from meshscope.simulation.verdict import Truth
from meshscope.snapshot.snapshot import Problem

from .traces import DUMP, ROUTE, delivered, denied, hop, labelled, refusal, route, texts, trace, words

EARLIER = Rejected("routes[0] early", "header x is absent", near=2)
NEAREST = Rejected("routes[3] near", "path is '/b'; prefix '/a' was asked", near=1)
LATER = Rejected("routes[2] late", "routes[1] matched before", near=0, after_chosen=True)


def headlines(lines: tuple[Line, ...]) -> list[str]:
    return [" ".join(span.text for span in line.spans) for line in lines if line.key[0] == "why" and line.apart]


def test_the_answer_is_first_then_why_then_the_way() -> None:
    lines = outline(trace(denied(hop(steps=(refusal(),)))))
    assert [line.key[0] for line in lines] == ["answer", "why", "why", "why", "why", "hop", "way"]
    assert texts(lines[:1], Meaning.FAILED) == ["403  denied"]


def test_a_code_is_the_callers_and_flags_only_those_of_its_own_proxy() -> None:
    def answer(*hops: int, direction: Direction = Direction.OUTBOUND) -> list[str]:
        response = Response(code=503, flags="UH", details="no_healthy_upstream")
        path = Path(
            probability=1.0,
            disposition=Disposition.NO_HEALTHY_UPSTREAM,
            response=response,
            hops=tuple(hop(str(number), direction) for number in hops),
        )
        return texts(outline(trace(path))[:1], Meaning.FAILED)

    assert answer(1) == ["503 UH  no_healthy_upstream"]
    assert answer(1, 2) == ["503  no_healthy_upstream"]
    assert answer(1, direction=Direction.INBOUND) == ["503  no_healthy_upstream"]


def test_a_connection_closed_without_an_answer_has_no_code() -> None:
    lines = outline(trace(denied(hop(steps=(refusal(),)), code=0)))
    assert texts(lines[:1], Meaning.FAILED) == ["connection closed  denied"]


@pytest.mark.parametrize(("code", "meaning"), [(200, Meaning.WELL), (399, Meaning.WELL), (400, Meaning.FAILED)])
def test_a_direct_response_is_well_below_400(code: int, meaning: Meaning) -> None:
    path = Path(
        probability=1.0,
        disposition=Disposition.DIRECT_RESPONSE,
        response=Response(code=code, details="direct_response"),
        hops=(hop(steps=(route(owner="VirtualService a/b"),)),),
    )
    lines = outline(trace(path))
    assert texts(lines[:1], meaning) == [f"{code}  direct_response"]
    assert labelled(lines, "because") == ["route  1 r"]
    assert labelled(lines, "change" if code == 400 else "by")[0] == "VirtualService a/b"


@pytest.mark.parametrize(
    ("probability", "share"), [(None, ["? %"]), (0.5, ["50 %"]), (0.001, ["<1 %"]), (0.999, [">99 %"]), (1.0, [])]
)
def test_an_unknown_share_is_not_a_number_and_a_sure_one_not_worth_a_word(
    probability: float | None, share: list[str]
) -> None:
    assert texts(outline(trace(delivered(hop(), probability=probability)))[:1], Meaning.SHARE) == share


def test_equal_ends_are_one_with_the_sum_of_their_shares() -> None:
    paths = [
        denied(hop(), hop(pod, Direction.INBOUND, steps=(refusal(),)), probability=share)
        for pod, share in (("b", 0.5), ("c", 0.3))
    ]
    lines = outline(trace(*paths, delivered(hop(), hop("d", Direction.INBOUND), probability=0.2)))
    assert [line.words for line in lines if line.key[0] == "end"] == ["80 %  403  denied", "20 %  delivered  to d"]
    assert headlines(lines) == ["b and 1 more (inbound) denies it"]


def test_ends_with_different_reasons_are_two() -> None:
    lines = outline(
        trace(
            denied(hop(steps=(refusal("one"),)), probability=0.5), denied(hop(steps=(refusal("two"),)), probability=0.5)
        )
    )
    assert len([line for line in lines if line.key[0] == "end"]) == 2
    assert labelled(lines, "because") == ["http filter  rbac  one", "http filter  rbac  two"]


def test_a_share_that_is_unknown_leaves_the_sum_unknown() -> None:
    lines = outline(
        trace(
            denied(hop(steps=(refusal(),)), probability=0.5),
            denied(hop(steps=(refusal(),)), probability=None),
            delivered(hop(), probability=0.5),
        )
    )
    assert "? %  403  denied" in words(lines)


@pytest.mark.parametrize("all_steps", [False, True])
def test_a_hop_that_several_ends_share_is_there_once(*, all_steps: bool) -> None:
    steps = (Step(kind=StepKind.LISTENER, chosen="l"),)
    paths = [
        delivered(
            hop(listener="l", cluster=cluster, steps=(*steps, Step(kind=StepKind.CLUSTER, chosen=cluster))),
            hop(cluster, Direction.INBOUND),
            probability=0.5,
        )
        for cluster in ("x", "y")
    ]
    lines = outline(trace(*paths), all_steps=all_steps)
    heads = [line for line in lines if line.key[0] == "hop"]
    assert [(line.key[1], line.depth) for line in heads] == [("a", 1), ("x", 3), ("y", 3)]
    assert "  ".join(words(lines)).count("listener  l") == 1


def test_the_object_to_change_is_the_deciding_steps() -> None:
    passed = Step(kind=StepKind.CLUSTER, chosen="c", owner="DestinationRule a/passed")
    lines = outline(trace(denied(hop(steps=(passed, refusal(owner="AuthorizationPolicy a/guilty"), passed)))))
    assert labelled(lines, "change") == ["AuthorizationPolicy a/guilty"]
    assert "DestinationRule a/passed" not in "".join(words(lines))


def test_without_an_object_to_change_those_on_the_way_are_named() -> None:
    passed = Step(kind=StepKind.LISTENER, chosen="l", owner="Gateway a/b")
    lines = outline(trace(denied(hop(steps=(passed, refusal())))))
    assert (labelled(lines, "change"), labelled(lines, "by")) == ([], ["Gateway a/b"])


def test_losers_are_the_nearest_first_and_not_those_after_the_chosen_one() -> None:
    failing = route(EARLIER, NEAREST, LATER, verdict=Truth.NO, because="route_not_found")
    path = Path(probability=1.0, disposition=Disposition.NO_ROUTE, response=None, hops=(hop(steps=(failing,)),))
    lines = outline(trace(path))
    assert labelled(lines, "has") == ["path    '/b'"]
    assert labelled(lines, "wants") == [f"prefix  '/a'  {NEAREST.name}"]
    assert labelled(lines, "not") == [f"{EARLIER.name}  {EARLIER.because}"]
    steps = [text.split("  ")[0] for text in labelled(outline(trace(path), all_steps=True), "not")]
    assert LATER.name in steps


def test_a_loser_that_the_reason_names_already_is_not_repeated() -> None:
    step = refusal(f"no policy matches; policy {NEAREST.name}: {NEAREST.because}", rejected=(EARLIER, NEAREST))
    lines = outline(trace(denied(hop(steps=(step,)))))
    assert labelled(lines, "because") == ["http filter  rbac  no policy matches"]
    assert labelled(lines, "wants") == [f"prefix  '/a'  {NEAREST.name}"]
    assert labelled(lines, "not") == [f"{EARLIER.name}  {EARLIER.because}"]
    other = Rejected("p", "it matches nothing", near=1)
    step = refusal("no policy matches; policy p: it matches nothing", rejected=(other, EARLIER))
    lines = outline(trace(denied(hop(steps=(step,)))))
    assert labelled(lines, "because") == ["http filter  rbac  no policy matches; policy p: it matches nothing"]
    assert labelled(lines, "not") == [f"{EARLIER.name}  {EARLIER.because}"]


def test_what_would_decide_an_unknown_is_spelled_by_the_face() -> None:
    step = Step(kind=StepKind.DNS, verdict=Truth.UNKNOWN, because="no address", hint=DESTINATION)
    path = Path(
        probability=1.0,
        disposition=Disposition.UNKNOWN,
        response=None,
        hops=(hop(steps=(step,)),),
        assuming=("b resolves",),
        if_passed="delivered",
    )
    for all_steps in (False, True):
        lines = outline(trace(path), all_steps=all_steps, spelling=Spelling(lambda hint: f"<{hint.example}>"))
        assert labelled(lines, "pass") == ["<IP:PORT>"] * (2 if all_steps else 1)
    assert texts(lines, Meaning.ASSUMPTION) == ["b resolves", "delivered"]
    assert labelled(outline(trace(path)), "pass") == ["to = IP:PORT"]


def test_no_step_that_passed_is_blamed_for_an_assumption() -> None:
    passed = hop(steps=(route(), Step(kind=StepKind.ENDPOINT, chosen="10.0.0.1:80", because="HEALTHY")))
    path = Path(
        probability=1.0,
        disposition=Disposition.UNKNOWN,
        response=None,
        hops=(passed,),
        assuming=("the path is normalised",),
        if_passed=Disposition.DELIVERED,
    )
    lines = outline(trace(path))
    assert texts(lines, Meaning.ASSUMPTION) == ["the path is normalised", "delivered"]
    assert (headlines(lines), labelled(lines, "because")) == ([], [])


def test_a_side_leaves_the_other_out_of_the_way_but_not_out_of_the_reason() -> None:
    path = denied(hop("client"), hop("server", Direction.INBOUND, steps=(refusal(),)))
    for side, names in ((Side.OUTBOUND, ["client"]), (Side.INBOUND, ["server"])):
        lines = outline(trace(path), side=side)
        assert [line.key[1] for line in lines if line.key[0] == "hop"] == names
        assert headlines(lines) == ["server (inbound) denies it"]


def test_a_side_has_its_own_objects_and_its_first_hop_stands_apart() -> None:
    def owned(proxy: str, direction: Direction) -> Hop:
        return hop(proxy, direction, steps=(route(owner=f"VirtualService default/{proxy}"),))

    found = trace(delivered(owned("client", Direction.OUTBOUND), owned("server", Direction.INBOUND)))
    for side, proxy in ((Side.OUTBOUND, "client"), (Side.INBOUND, "server")):
        lines = outline(found, side=side)
        assert labelled(lines, "by") == [f"VirtualService default/{proxy}"]
        assert [line.apart for line in lines if line.key[0] == "hop"] == [True]
    assert [line.apart for line in outline(found) if line.key[0] == "hop"] == [True, False]


def test_spans_lead_to_steps_places_and_objects() -> None:
    lines = outline(trace(denied(hop(), hop("b", Direction.INBOUND, steps=(route(), refusal(owner="AP a/b"))))))
    spans = [span for line in lines for span in line.spans]
    (reason,) = [span for span in spans if span.text == "no policy matches"]
    assert reason.position == Position(0, 1, 1)
    assert [span.owner for span in spans if span.meaning is Meaning.OWNER] == ["AP a/b"]
    place = next(span for span in spans if span.meaning is Meaning.PLACE)
    assert place.location == Location(DUMP, ("a", "b", 1))


def test_a_place_in_a_document_of_one_line_is_a_path_and_else_a_line() -> None:
    lines = outline(trace(denied(hop(steps=(refusal(),)))))
    assert labelled(lines, "at") == ["dump.json  a.b[1]"]
    other = Location(type(DUMP).of("d.json", b'{"a":\n [1]}'), ("a",))
    lines = outline(trace(denied(hop(steps=(refusal(location=other),)))))
    assert labelled(lines, "at") == ["d.json:2"]


@pytest.mark.parametrize(
    ("tls", "endpoints", "text"),
    [
        (Tls("ISTIO_MUTUAL"), 1, "mTLS"),
        (Tls("SIMPLE"), 1, "TLS"),
        (None, 1, "plain text"),
        (None, 0, "cluster"),
    ],
)
def test_the_way_says_how_the_bytes_travel(tls: Tls | None, endpoints: int, text: str) -> None:
    found = hop(cluster="c", tls=tls, endpoints=(EndpointRef("10.0.0.1:80", "HEALTHY"),) * endpoints)
    way = next(line for line in outline(trace(delivered(found))) if line.key[0] == "way")
    assert (way.spans[-1].text if endpoints else way.spans[0].text) == text


HANDSHAKE = Step(kind=StepKind.TLS, chosen="TLS")
ENDPOINTS = (EndpointRef("10.0.0.1:443", "HEALTHY"),)


@pytest.mark.parametrize(
    ("url", "hops", "text"),
    [
        ("https://b/", [{}], "the client's TLS"),
        ("http://b/", [{}], "plain text"),
        ("https://b/", [{"steps": (HANDSHAKE,)}], "plain text"),
        ("https://b/", [{"route": ROUTE}], "plain text"),
        ("https://b/", [{}, {}], "the client's TLS"),
        ("https://b/", [{}, {"steps": (HANDSHAKE,)}], "plain text"),
        ("https://b/", [{"tls": Tls("ISTIO_MUTUAL"), "steps": (HANDSHAKE,)}, {"steps": (HANDSHAKE,)}], None),
    ],
)
def test_tls_of_the_client_that_is_forwarded_is_no_plain_text(
    url: str, hops: list[dict[str, Any]], text: str | None
) -> None:
    way = [hop(str(at), Direction.GATEWAY, cluster="c", endpoints=ENDPOINTS, **one) for at, one in enumerate(hops)]
    last = [line for line in outline(trace(delivered(*way), dest=url)) if line.key[:2] == ("way", str(len(hops) - 1))]
    said = {span.text for line in last for span in line.spans} & {"plain text", "the client's TLS"}
    assert said == ({text} if text else set())


def test_the_way_names_patience_passthrough_and_black_holes() -> None:
    patient = hop(route=ROUTE, timeout="0s", retries=Retries(3, "2s"), cluster="PassthroughCluster")
    text = " ".join(words(outline(trace(delivered(patient)))))
    assert "timeout  none  retries  3 × 2s" in text
    assert "as an unknown address, without the mesh's TLS and policies" in text
    assert "a black hole" in " ".join(words(outline(trace(delivered(hop(cluster="BlackHoleCluster"))))))
    assert "a black hole" in " ".join(words(outline(trace(delivered(hop(virtual_host="block_all", route=ROUTE))))))


def test_a_request_with_a_method_that_goes_as_tcp_says_so() -> None:
    tcp = hop(cluster="c", steps=(Step(kind=StepKind.NETWORK_FILTER, chosen="envoy.filters.network.tcp_proxy"),))
    assert "goes as TCP" in " ".join(words(outline(trace(delivered(tcp)))))
    assert "goes as TCP" not in " ".join(words(outline(trace(delivered(tcp), dest="", to="10.0.0.1:80"))))
    assert "goes as TCP" not in " ".join(words(outline(trace(delivered(tcp), dest="tcp://b:80"))))


def test_a_rest_of_many_outcomes_is_a_line_and_no_way() -> None:
    rest = Path(probability=0.4, disposition=Disposition.DELIVERED, response=None, hops=(hop("rest"),), others=7)
    lines = outline(trace(delivered(hop(), probability=0.6), rest))
    assert "40 %  7 more outcomes; max_paths tells them apart" in words(lines)
    assert [line.key[1] for line in lines if line.key[0] == "hop"] == ["a"]


def test_a_receiving_hop_needs_few_words_only_where_every_end_is_well() -> None:
    received = hop(
        "b", Direction.INBOUND, listener="virtualInbound", virtual_host="inbound|http|80", cluster="inbound|80||"
    )

    def text(*paths: Path) -> str:
        return "  ".join(words(outline(trace(*paths))))

    well = delivered(hop(), received, probability=0.5)
    assert "virtualInbound" not in text(well)
    assert (
        text(well, denied(hop(), hop("b", Direction.INBOUND, listener="virtualInbound"))).count("virtualInbound") == 1
    )


def test_a_long_header_is_shortened_in_the_question() -> None:
    lines = outline(trace(delivered(hop()), headers=(("authorization", "Bearer " + "x" * 500),)))
    assert len(lines[0].spans[0].text) < 100


@pytest.mark.parametrize(
    ("request_fields", "question"),
    [
        ({"dest": "http://b:80/x", "method": "PUT"}, "a ▸ PUT http://b:80/x"),
        ({"dest": "b"}, "a ▸ GET b"),
        ({"dest": "10.0.0.1:80"}, "a ▸ TCP 10.0.0.1:80"),
        ({"dest": "10.0.0.1:80/x"}, "a ▸ GET 10.0.0.1:80/x"),
        ({"dest": "10.0.0.1:80", "authority": "b"}, "a ▸ GET 10.0.0.1:80"),
        ({"dest": "10.0.0.1:80", "protocol": "http1"}, "a ▸ GET 10.0.0.1:80"),
        ({"dest": "b", "protocol": "tcp"}, "a ▸ TCP b"),
        ({"dest": "tcp://b:80"}, "a ▸ TCP tcp://b:80"),
        ({"dest": "", "to": "10.0.0.1:80"}, "a ▸ TCP 10.0.0.1:80"),
        ({"dest": "", "to": "10.0.0.1:443", "authority": "b", "path": "/x"}, "a ▸ GET b/x  at 10.0.0.1:443"),
        ({"dest": "", "authority": "b", "path": "/x", "scheme": "https"}, "a ▸ GET https://b/x"),
        ({"source": "", "dest": "b"}, "client ▸ GET b"),
    ],
)
def test_the_question_says_what_is_followed(request_fields: dict[str, str], question: str) -> None:
    assert outline(trace(delivered(hop()), **request_fields))[0].spans[0].text == question


@pytest.mark.parametrize(
    ("because", "chosen", "said"),
    [("rbac_access_denied", "", []), ("another reason", "", ["another reason"]),
     ("rbac_access_denied", "r", ["route  r  rbac_access_denied"])],
)  # fmt: skip
def test_a_reason_that_the_log_line_says_is_not_said_twice(because: str, chosen: str, said: list[str]) -> None:
    step = route(NEAREST, verdict=Truth.NO, because=because)
    step = msgspec.structs.replace(step, chosen=chosen)
    lines = outline(trace(denied(hop(steps=(step,)))))
    assert labelled(lines, "because") == said
    assert labelled(lines, "logged") == ["403 rbac_access_denied"]


STRICT = Rejected(
    "0.0.0.0_80", "asks for transport protocol tls; the client speaks plain text: mutual TLS only (STRICT)", near=4
)


def without_chain(loser: Rejected) -> tuple[Line, ...]:
    sent = Step(kind=StepKind.CLUSTER, chosen="c", owner="DestinationRule a/sends", written=Location(DUMP, ("a",)))
    chain = Step(
        kind=StepKind.FILTER_CHAIN,
        verdict=Truth.NO,
        because="no filter chain matches",
        rejected=(loser,),
        owner="PeerAuthentication a/strict",
        written=Location(DUMP, ("a", "b")),
    )
    response = Response(code=0, flags="NR", details="filter_chain_not_found")
    hops = (hop("client", steps=(sent,)), hop("server", Direction.INBOUND, steps=(chain,)))
    return outline(trace(Path(probability=1.0, disposition=Disposition.NO_FILTER_CHAIN, response=response, hops=hops)))


def test_plain_text_before_strict_names_what_either_side_can_change() -> None:
    lines = without_chain(STRICT)
    assert headlines(lines) == ["server (inbound) accepts mutual TLS only; the client sends plain text"]
    assert labelled(lines, "has") == ["the client speaks plain text"]
    assert labelled(lines, "wants") == ["mutual TLS only (STRICT)  0.0.0.0_80"]
    assert labelled(lines, "change") == ["PeerAuthentication a/strict  dump.json  a.b"]
    assert labelled(lines, "or") == ["DestinationRule a/sends  dump.json  a"]
    assert labelled(lines, "because") == []


def test_another_missing_chain_is_no_matter_of_tls() -> None:
    lines = without_chain(Rejected("c", "asks for destination port 81; it is 80", near=1))
    assert headlines(lines) == ["server (inbound) has no filter chain for the connection"]
    assert (labelled(lines, "has"), labelled(lines, "wants")) == (["it is 80"], ["destination port 81  c"])
    assert (labelled(lines, "or"), labelled(lines, "because")) == ([], ["no filter chain matches"])


def test_a_dry_run_that_would_deny_is_said_and_one_that_would_not_is_not() -> None:
    def text(because: str) -> str:
        step = Step(kind=StepKind.HTTP_FILTER, chosen="rbac", because=because)
        return " ".join(words(outline(trace(delivered(hop("b", Direction.INBOUND, steps=(step,)))))))

    policy = "ns[a]-policy[p]-rule[2]"
    assert "would deny it: AuthorizationPolicy a/p rules[2]" in text(
        f"no rules · shadow rules (DENY) would deny it by policy {policy}"
    )
    assert "dry run  would deny it" in text("shadow rules (ALLOW) would deny it")
    assert "dry run" not in text(f"shadow rules (ALLOW) would let it pass by policy {policy}")


def test_an_unknown_address_is_no_receiver_like_others() -> None:
    def answer(cluster: str) -> list[str]:
        found = hop(cluster=cluster, endpoints=(EndpointRef("10.0.0.1:80", "HEALTHY"),))
        return texts(outline(trace(delivered(found)))[:1], Meaning.WELL)

    assert answer("PassthroughCluster") == ["delivered to 10.0.0.1:80, an unknown address"]
    assert answer("c") == ["delivered to 10.0.0.1:80"]


def test_a_refused_update_is_a_reason_and_a_missing_document_is_not() -> None:
    found = msgspec.structs.replace(
        trace(denied(hop(steps=(refusal(),)))),
        problems=(RefusedUpdate("d", "listener l was refused"), Problem("d", "not captured")),
    )
    lines = outline(found)
    assert labelled(lines, "refused") == ["listener l was refused"]
    assert labelled(lines, "missing") == ["not captured"]
    assert [line.label for line in lines].index("refused") < [line.key[0] for line in lines].index("hop")


def test_a_route_for_another_path_is_not_worth_a_word_on_a_way_that_went_on() -> None:
    def losers(*rejected: Rejected) -> list[str]:
        return labelled(outline(trace(delivered(hop(steps=(route(*rejected),))))), "not")

    assert losers(Rejected("r", "path is '/b'; prefix '/catalogue' was asked")) == []
    assert losers(Rejected("r", "path is '/catalog/1'; path '/catalog/2' was asked")) == [
        "r  needs path path '/catalog/2'; it is '/catalog/1'  ← one letter off"
    ]
    assert losers(EARLIER) == ["routes[0] early  header x is absent"]


def test_policies_that_were_not_to_match_are_not_what_is_wanted() -> None:
    step = refusal("policy p matches: path exact '/b'", rejected=(NEAREST, EARLIER))
    lines = outline(trace(denied(hop(steps=(step,)))))
    assert labelled(lines, "because") == ["http filter  rbac  policy p matches: path exact '/b'"]
    assert [labelled(lines, label) for label in ("has", "wants", "not")] == [[], [], []]
