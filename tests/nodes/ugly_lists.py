"""The ugly node lists of the fixtures, and what must become of each, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from network_map.nodes.importing.preview import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    preview_nodes,
)
from tests import shipped
from tests.paths import NODE_LISTS

A, C, D, R = "accepted", "corrected", "doubtful", "refused"
DEMO, CENTRE, SUB, MARKET = (
    "demonstration_county", "county_centre", "sub_market", "provincial_market",
)  # fmt: skip


@cache
def _as_it_is(name: str) -> NodeListPreview:
    return preview_nodes((NODE_LISTS / name).read_bytes(), name, shipped.reference())


def preview(
    reference: NodeListReference, name: str, options: NodeListOptions | None = None
) -> NodeListPreview:
    """Return the preview of a list of the folder, which nobody changes."""
    if options is None and reference is shipped.reference():
        return _as_it_is(name)
    return preview_nodes((NODE_LISTS / name).read_bytes(), name, reference, options)


def inline(
    reference: NodeListReference, text: str, options: NodeListOptions | None = None
) -> NodeListPreview:
    """Return the preview of a list given as text."""
    return preview_nodes(text.encode(), "名单.csv", reference, options)


def codes(found: NodeListPreview, row: int | None = None) -> set[str]:
    """Return what is said about a row, or about all."""
    return {p.code for p in found.problems if row is None or p.row == row}


@dataclass(frozen=True)
class Expected:
    """For each row of the file: outcome, kind and adcode; and problem codes that must occur."""

    rows: Mapping[int, tuple[str, str | None, str | None]]
    codes: set[str] = field(default_factory=set)
    dropped: tuple[str, ...] = ()


EXPECTED = {
    "old_names.csv": Expected(
        {
            2: (C, DEMO, "532504"),
            3: (C, CENTRE, "532302"),
            4: (C, CENTRE, "530126"),
            5: (C, CENTRE, "533401"),
            6: (C, CENTRE, "533103"),
            7: (D, CENTRE, None),
            8: (C, CENTRE, "530821"),
        },
        {"place_former_name", "place_split", "prefecture_filled_down"},
    ),
    "short_names_gbk.csv": Expected(
        {
            2: (A, DEMO, "532822"),
            3: (A, DEMO, "533325"),
            4: (A, CENTRE, "530103"),
            5: (A, CENTRE, "530627"),
            6: (A, CENTRE, "532301"),
            7: (A, SUB, "530600"),
        },
        {"prefecture_filled_down"},
    ),
    "ambiguous.csv": Expected(
        {
            2: (D, CENTRE, None),
            3: (D, CENTRE, None),
            4: (D, CENTRE, None),
            5: (D, CENTRE, None),
            6: (D, CENTRE, None),
        },
        {
            "place_now_other_level", "place_ambiguous", "place_similar",
            "place_split",
        },
    ),
    "mixed_levels.csv": Expected(
        {
            2: (A, SUB, "530600"),
            3: (D, SUB, None),
            4: (D, CENTRE, None),
            5: (A, CENTRE, "530627"),
            6: (R, CENTRE, None),
            7: (C, SUB, "532900"),
            8: (A, MARKET, "530000"),
        },
        {"place_ambiguous", "place_wrong_level", "place_taken_to_prefecture", "location_assumed"},
    ),
    "title_rows.xlsx": Expected(
        {5: (A, DEMO, "530103"), 6: (A, DEMO, "530127"), 7: (C, DEMO, "530303")},
        {
            "merged_cells_filled", "kind_guessed", "place_former_code", "total_left_out",
            "remark_left_out",
        },
    ),
    "two_row_header.xlsx": Expected({4: (A, CENTRE, "530627"), 5: (A, CENTRE, "530628")}),
    "duplicates.csv": Expected(
        {
            2: (A, DEMO, "530627"),
            3: (D, DEMO, "530627"),
            4: (D, CENTRE, "530103"),
            5: (D, CENTRE, "530103"),
            6: (A, CENTRE, "530127"),
            7: (A, CENTRE, "530127"),
            8: (A, CENTRE, "530627"),
        },
        {"node_repeated"},
    ),
    "status_words.csv": Expected(
        {
            2: (A, CENTRE, "530102"),
            3: (A, CENTRE, "530103"),
            4: (A, CENTRE, "530111"),
            5: (A, CENTRE, "530112"),
            6: (A, CENTRE, "530113"),
            7: (C, CENTRE, "530114"),
            8: (D, CENTRE, "530115"),
            9: (D, CENTRE, "530124"),
            10: (A, CENTRE, "530125"),
        },
        {"status_from_date", "status_and_date_differ", "status_not_known"},
    ),
    "spaces_and_width.csv": Expected({2: (A, DEMO, "530627"), 3: (A, CENTRE, "530103")}),
    "wrong_codes.csv": Expected(
        {
            2: (C, DEMO, "532504"),
            3: (C, CENTRE, "532302"),
            4: (D, CENTRE, None),
            5: (C, CENTRE, "530127"),
            6: (R, CENTRE, None),
            7: (R, CENTRE, None),
            8: (C, CENTRE, "530627"),
            9: (A, SUB, "530100"),
            10: (A, CENTRE, "530602"),
        },
        {
            "place_former_code", "code_and_name_differ", "code_not_used", "place_unknown",
            "place_outside",
        },
    ),
    "contacts.xlsx": Expected(
        {2: (A, CENTRE, "530627"), 3: (C, CENTRE, "530103")},
        {"contact_columns_dropped", "contact_removed"},
        ("联系人", "联系电话", "通讯地址"),
    ),
    "script_names.csv": Expected({2: (A, CENTRE, "530627"), 3: (A, CENTRE, "530103")}),
    "three_sheets.xlsx": Expected({2: (A, SUB, "530600")}, {"sheet_chosen", "kind_guessed"}),
    "sections.csv": Expected(
        {
            3: (A, DEMO, "530627"),
            4: (A, DEMO, "530127"),
            6: (A, CENTRE, "530627"),
            7: (A, CENTRE, "530628"),
        },
        {"section_heading", "total_left_out", "remark_left_out"},
    ),
    "no_header.txt": Expected(
        {
            2: (A, DEMO, "530627"),
            3: (C, DEMO, "532504"),
            4: (D, DEMO, None),
            5: (A, DEMO, "530103"),
        },
        {"no_header_columns_guessed", "kind_guessed", "place_ambiguous"},
    ),
    "coordinates.csv": Expected(
        {
            2: (A, CENTRE, "530127"),
            3: (D, CENTRE, "530103"),
            4: (D, CENTRE, "530627"),
            5: (D, CENTRE, "530125"),
            6: (A, CENTRE, "530181"),
            7: (D, CENTRE, "530124"),
            8: (A, CENTRE, "530126"),
        },
        {
            "coordinates_swapped", "coordinates_outside_place", "coordinates_outside_province",
            "coordinates_unreadable",
        },
    ),
    "dates.csv": Expected(
        {row: (D if row in {9, 10, 11} else A, CENTRE, None) for row in range(2, 13)},
        {"date_not_read", "date_month_doubtful"},
    ),
    "new_kind.csv": Expected(
        {
            2: (A, "pilot_base", "530114"),
            3: (A, "pilot_base", "530114"),
            4: (R, None, "530102"),
            5: (A, DEMO, "530103"),
        },
        {"kind_unknown"},
    ),
    "names_only.csv": Expected(
        {
            2: (C, CENTRE, "530127"),
            3: (C, CENTRE, "530103"),
            4: (C, CENTRE, "530125"),
            5: (R, CENTRE, None),
        },
        {"place_from_name", "place_not_in_name", "kind_guessed"},
    ),
    "fullwidth_commas.txt": Expected({2: (A, DEMO, "530627"), 3: (A, DEMO, "530127")}),
    "utf16.tsv": Expected({2: (A, DEMO, "530627"), 3: (A, DEMO, "530127")}),
    "old_format.xls": Expected(
        {3: (A, DEMO, "530127"), 4: (A, DEMO, "530103"), 5: (A, DEMO, "530627")},
        {"merged_cells_filled", "kind_guessed", "contact_columns_dropped", "total_left_out"},
        ("联系电话",),
    ),
}  # fmt: skip
