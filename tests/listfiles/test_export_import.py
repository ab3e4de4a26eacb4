"""What was taken of a list comes in again from its export as it went out, in every format."""

import pandas as pd
import pytest

from network_map.consortia.report import member_table
from network_map.consortia.tables import MEMBER_LIST, consortium_tables
from network_map.export import Bundle, file_bytes
from network_map.i18n import LANGUAGES
from network_map.nodes.importing.preview import preview_nodes
from network_map.nodes.report import nodes_bundle
from network_map.tables import Table
from tests.listfiles.every_list import CLEAN, READERS, table_of
from tests.listfiles.test_fuzz import DECLARED
from tests.shipped import dataset, places, reference
from tests.written import FORMATS, plain

EXPORTED = [what for what in CLEAN if what != "consortia"]
"""Members go out under their consortium's name, in a table of their own: below."""


def bundle_of(table: pd.DataFrame, declaration: Table, language: str) -> Bundle:
    return Bundle(table=table, declaration=declaration, title="名单", language=language)


def as_taken(what: str, content: bytes, name: str) -> pd.DataFrame:
    found = READERS[what](content, name)
    assert found.is_clean, [problem.code for problem in found.open_problems]
    declared = DECLARED[what]
    return table_of(found).sort_values(list(declared.key), ignore_index=True)


@pytest.mark.parametrize("what", EXPORTED)
def test_a_table_that_went_out_comes_in_as_it_was(what: str) -> None:
    before = as_taken(what, FORMATS["csv"](CLEAN[what]), "名单.csv")
    for language in LANGUAGES:
        bundle = bundle_of(before, DECLARED[what], language)
        for ending in ("csv", "xlsx"):
            after = as_taken(what, file_bytes(bundle, ending), f"导出.{ending}")
            pd.testing.assert_frame_equal(after, before)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_members_that_went_out_come_in_as_they_were(ending: str, language: str) -> None:
    before = consortium_tables(dataset("demo")).members
    rows = member_table(places(), dataset("demo"), before, None, language=language)
    after = as_taken("consortia", file_bytes(bundle_of(rows, MEMBER_LIST, language), ending),
                     f"导出.{ending}")  # fmt: skip
    # Numbers are given anew in the order of the list, and say the same members together.
    assert before["is_outside_province"].any()
    together = [
        sorted(table.groupby("consortium_id")["member_name"].agg(list).map(sorted))
        for table in (before, after)
    ]
    assert together[0] == together[1]
    keys = ["member_name", "adcode"]
    back, out = (
        table.drop(columns="consortium_id").sort_values(keys, ignore_index=True)
        for table in (after, before)
    )
    pd.testing.assert_frame_equal(back, out, check_dtype=False)


@pytest.mark.parametrize("what", CLEAN)
def test_every_format_of_a_list_says_the_same(what: str) -> None:
    tables = {kind: write(CLEAN[what]) for kind, write in FORMATS.items()}
    first, *others = (as_taken(what, content, "名单") for content in tables.values())
    for other in others:
        pd.testing.assert_frame_equal(other, first)
    assert len(plain(CLEAN[what])) == 4


@pytest.mark.long
@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson", "gpkg"])
def test_an_exported_list_of_nodes_comes_in_again_from_every_format(ending: str) -> None:
    public = dataset("public")
    content = file_bytes(nodes_bundle(public, places()), ending)
    found = preview_nodes(content, f"导出.{ending}", reference())
    assert found.is_clean, [problem.code for problem in found.open_problems]
    columns = ["kind", "adcode", "node_name", "status", "established_on", "origin", "source"]
    after, before = (
        table[["node_id", *columns]].sort_values("node_id", ignore_index=True)
        for table in (found.nodes, public.nodes)
    )
    pd.testing.assert_frame_equal(after, before)
