from __future__ import annotations

from meshscope.listing.find import find
from meshscope.listing.mention import COLUMNS, mention_ids
from meshscope.listing.rows import Filter, Rows

from ..mesh.meshes import GATEWAY, NGINX, WEBSITE, recorded


def test_mentions_are_rows_of_a_screen_with_ids_that_stay() -> None:
    mentions = list(find(recorded(WEBSITE), "10.20.1.10"))
    rows = Rows(mentions, mention_ids(mentions), COLUMNS)
    assert len(set(rows.ids)) == len(rows) > 1
    assert rows.ids == tuple(mention_ids(find(recorded(WEBSITE), "10.20.1.10")))
    kept = rows.matching([Filter("NGINX-POD", column=0)], ())
    assert {rows[position].proxy for position in kept} == {NGINX} < {one.proxy for one in rows} | {GATEWAY}
