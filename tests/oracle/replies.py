"""Random `local_reply_config`: mappers that change the status of Envoy's own answers."""

from __future__ import annotations

from hypothesis import strategies as st

from . import matchers
from .messages import Message, merged, one, some
from .routes import headers_to_add

_codes = st.sampled_from((200, 301, 403, 404, 503))
_flags = st.lists(st.sampled_from(("NR", "NC", "FI", "UH", "UAEX")), max_size=2, unique=True)
_leaves = one(
    status_code_filter=st.builds(
        lambda op, code: {"comparison": {"op": op, "value": {"default_value": code, "runtime_key": "no.such.key"}}},
        st.sampled_from(("EQ", "GE", "LE", "NE")), _codes,
    ),
    header_filter=matchers.headers.map(lambda header: {"header": header}),
    response_flag_filter=_flags.map(lambda flags: {"flags": flags}),
    runtime_filter=st.sampled_from((0, 100)).map(
        lambda part: {"runtime_key": "no.such.key", "percent_sampled": {"numerator": part}}
    ),
)  # fmt: skip


def _several(deeper: Message) -> Message:
    listed = st.lists(deeper, min_size=2, max_size=2).map(lambda filters: {"filters": filters})
    return one(and_filter=listed, or_filter=listed)


_filters = st.recursive(_leaves, _several, max_leaves=3)
_mapper = merged(
    _filters.map(lambda asked: {"filter": asked}),
    some(status_code=st.sampled_from((200, 299, 404, 418, 503)), headers_to_add=headers_to_add),
)
configured: Message = st.lists(_mapper, min_size=1, max_size=3).map(
    lambda mappers: {"local_reply_config": {"mappers": mappers}}
)
