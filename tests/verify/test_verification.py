"""An export of last year is held to account: what agrees agrees, what was changed is found."""

import dataclasses
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network_map import __version__
from network_map import verify as verification
from network_map.cli import main
from network_map.datasets import open_dataset, open_snapshot
from network_map.errors import FileFormatError, NetworkMapError, QueryError, WorkspaceError
from network_map.export import FORMATS, META_ENDING, Bundle, Recipe, file_bytes, read_recipe
from network_map.export.bundle import plain_value
from network_map.gaps.query import GapQuery
from network_map.i18n import error_text, problem_text
from network_map.nodes.dataset import REPORT_VERSIONS, Dataset
from network_map.nodes.importing.preview import NodeListReference
from network_map.nodes.report import nodes_bundle
from network_map.places.reference import Places
from network_map.query import recipe_parameters
from network_map.siting.query import SITED_KINDS, SiteModel, SitingQuery
from network_map.verify import Verification, read_claim, verify
from network_map.verify.reports import REPORTS, derive
from tests.importing import bring_nodes
from tests.verify.planting import exported, planted, unzipped, zipped

ALL_FORMATS = (*FORMATS, META_ENDING)
GAPS = {**recipe_parameters(GapQuery(draws=50)), "register": None}
WITHOUT_PLACES, WITH_PLACES = (
    {"consortia", "consortium_fit", "index_groups"},
    {"gpkg", "geojson", "html"},
)
PREFECTURES = ("530100", "530600", "533400")


@pytest.fixture(scope="module")
def bundle(places: Places, demo: Dataset) -> Bundle:
    return nodes_bundle(demo, places, prefecture_adcode="530600")


Check = Callable[[tuple[bytes, bytes]], Verification]


@pytest.fixture(scope="module")
def check(places: Places, demo: Dataset) -> Check:
    def checked(files: tuple[bytes, bytes]) -> Verification:
        data, slip = files
        return verify(read_claim(data, "节点.csv", slip), places, demo)

    return checked


def codes(found: Verification) -> set[str]:
    return {problem.code for problem in found.findings}


def said(found: Verification) -> str:
    problems = (*found.findings, *found.notes)
    english = " ".join(problem_text(problem, "en") for problem in problems)
    assert english or not problems
    return "\n".join(problem_text(problem, "zh") for problem in problems)


# --- fresh exports ------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_a_fresh_export_agrees_without_a_word(
    bundle: Bundle, check: Check, format_name: str
) -> None:
    found = check(exported(bundle, format_name))
    assert found.is_same, said(found)
    assert found.notes == ()
    assert found.row_count == len(bundle.table) > 0


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any question that the application answers."""
    names = [name for name, report in REPORTS.items() if not report.is_of_register]
    report = draw(st.sampled_from(sorted(names)))
    kinds = st.lists(st.sampled_from(["sub_market", "county_centre"]), unique=True)
    asked: dict[str, st.SearchStrategy[object]] = {
        "prefecture": st.sampled_from([None, *PREFECTURES]),
        "kinds": st.none() | kinds,
        "consortium": st.sampled_from(["consortium-1", "consortium-5"]),
        "standard_km": st.sampled_from([50.0, 100.0]),
        "index": st.sampled_from(["sub_market_access", "absorption_rate"]),
        **{name: st.just(value) for name, value in GAPS.items() if name != "prefecture"},
    }
    sites = recipe_parameters(
        SitingQuery(
            kind=draw(st.sampled_from(SITED_KINDS)),
            model=draw(st.sampled_from([SiteModel.MCLP, SiteModel.P_MEDIAN, SiteModel.LSCP])),
            count=draw(st.integers(1, 3)),
        )
    )
    parameters = {
        name: sites.get(name) if report == "site_plan" else draw(asked[name])
        for name in REPORTS[report].parameters
    }
    dataset = draw(st.sampled_from(["demo", "public"]))
    language = draw(st.sampled_from(["zh", "en"]))
    version = REPORT_VERSIONS[report]
    return Recipe(report, version, parameters, dataset, dataset, language, __version__)


@pytest.mark.long
@pytest.mark.law
@settings(max_examples=8)
@given(recipe=recipes(), format_name=st.sampled_from(ALL_FORMATS))
def test_whatever_is_asked_its_fresh_export_agrees(
    places: Places, recipe: Recipe, format_name: str
) -> None:
    dataset = open_dataset(recipe.dataset_name)
    bundle = derive(recipe, places, dataset)
    if recipe.report in WITHOUT_PLACES and format_name in WITH_PLACES:
        with pytest.raises(QueryError) as raised:
            exported(bundle, format_name)
        assert raised.value.code in {"export_without_places", "export_without_map"}
        return
    data, slip = exported(bundle, format_name)
    found = verify(read_claim(data, "x", slip), places, dataset)
    assert found.is_same, said(found)
    assert found.notes == ()


def test_a_recipe_that_is_written_and_read_is_the_same(bundle: Bundle) -> None:
    assert bundle.recipe is not None
    assert read_recipe(json.loads(json.dumps(bundle.recipe.as_json()))) == bundle.recipe


def test_every_report_has_a_version_and_every_version_a_report() -> None:
    assert set(REPORTS) == set(REPORT_VERSIONS)


# --- planted changes ----------------------------------------------------------------------------


def digit(bundle: Bundle, format_name: str) -> tuple[bytes, bytes]:
    """Return a longitude of the rows as the format holds it, and another one."""
    lon = float(bundle.table["lon"].dropna().iloc[3])
    other = float(str(lon)[:-1] + ("1" if str(lon)[-1] != "1" else "2"))
    if format_name == "gpkg":
        return struct.pack(">d", lon), struct.pack(">d", other)
    if format_name == META_ENDING:
        rows = len(bundle.table)
        return f'"row_count": {rows}'.encode(), f'"row_count": {rows + 1}'.encode()
    return str(lon).encode(), str(other).encode()


@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_one_digit_is_found_with_its_row_column_and_value(
    bundle: Bundle, check: Check, format_name: str
) -> None:
    old, new = digit(bundle, format_name)
    found = check(planted(exported(bundle, format_name), format_name, old, new))
    assert not found.is_same
    if format_name == META_ENDING:
        assert "row_count" in said(found)
        assert "verify_meta_edited" in codes(found)
        return
    cell = next(problem for problem in found.findings if problem.code == "verify_cell")
    node_id = bundle.table["node_id"][bundle.table["lon"].notna()].iloc[3]
    assert cell.values["row_id"] == node_id
    assert cell.row is not None
    assert cell.value != cell.fix
    assert "改动或另存过" in said(found)


@pytest.mark.parametrize("format_name", ALL_FORMATS)
@pytest.mark.parametrize(
    ("old", "new"),
    [("每行一个节点", "每行两个节点"), ("昭通市 530600", "玉溪市 530600")],
    ids=["sentence", "filter"],
)
def test_one_sentence_and_one_filter_are_found(
    bundle: Bundle, check: Check, format_name: str, old: str, new: str
) -> None:
    in_meta = format_name == "csv"  # a table alone holds no sentence
    files = planted(
        exported(bundle, format_name), format_name, old.encode(), new.encode(), in_meta=in_meta
    )
    found = check(files)
    assert "verify_sentence" in codes(found)
    assert new in said(found)
    assert old in said(found)


@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_another_filter_in_the_recipe_gives_other_rows_and_is_found(
    bundle: Bundle, check: Check, format_name: str
) -> None:
    old, new = b'"prefecture": "530600"', b'"prefecture": "530400"'
    found = check(planted(exported(bundle, format_name), format_name, old, new, in_meta=True))
    assert "verify_meta_edited" in codes(found)
    assert "昭通市 530600" in said(found)
    if format_name != META_ENDING:
        assert {"verify_row_extra", "verify_row_missing"} <= codes(found)


@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_data_that_changed_since_are_told_from_a_file_that_was_edited(
    bundle: Bundle, places: Places, demo: Dataset, format_name: str
) -> None:
    node_id = bundle.table["node_id"].iloc[2]
    names = demo.nodes["node_name"].where(demo.nodes["node_id"] != node_id, "改了名的中心")
    later = dataclasses.replace(
        demo,
        nodes=demo.nodes.assign(node_name=names),
        input_sha256={**demo.input_sha256, "demo_nodes.csv": "0" * 64},
    )
    data, slip = exported(bundle, format_name)
    found = verify(read_claim(data, "x", slip), places, later)
    assert "verify_input" in codes(found)
    assert "数据版本不同:demo_nodes.csv" in said(found)
    assert "与导出时完全相同" in said(found)
    assert "改动" not in said(found)
    if format_name != META_ENDING:
        assert "改了名的中心" in said(found)


def test_a_cell_that_was_made_a_formula_is_found_and_not_calculated(
    bundle: Bundle, check: Check
) -> None:
    lon = str(bundle.table["lon"].dropna().iloc[0]).encode()
    cell = b"<v>" + lon + b"</v>"
    files = planted(exported(bundle, "xlsx"), "xlsx", cell, b"<f>1+1</f>" + cell)
    found = check(files)
    assert codes(found) == {"verify_formula"}
    assert "数据!" in said(found)


def test_a_workbook_saved_again_with_the_same_cells_agrees_and_says_so(
    bundle: Bundle, check: Check
) -> None:
    data, slip = exported(bundle, "xlsx")
    parts = unzipped(data)
    properties = parts["docProps/app.xml"].replace(b"Microsoft Excel", b"WPS")
    found = check((zipped({**parts, "docProps/app.xml": properties}), slip))
    assert found.is_same
    assert "每一格的内容都相同" in said(found)


def test_a_row_cut_out_added_or_moved_is_named_by_its_key(bundle: Bundle, check: Check) -> None:
    data, slip = exported(bundle, "csv")
    lines = data.split(b"\r\n")
    cut = check((b"\r\n".join(lines[:2] + lines[3:]), slip))
    assert codes(cut) == {"verify_row_missing"}
    assert str(bundle.table["node_id"].iloc[1]) in said(cut)
    added = check(
        (b"\r\n".join([*lines[:3], lines[1].replace(b"demo-", b"made-"), *lines[3:]]), slip)
    )
    assert "verify_row_extra" in codes(added)
    moved = check((b"\r\n".join([lines[0], lines[2], lines[1], *lines[3:]]), slip))
    assert codes(moved) == {"verify_row_order"}


def test_the_mark_of_the_demonstration_cannot_be_taken_away_unseen(
    bundle: Bundle, check: Check
) -> None:
    banner, mark = "演示数据:含假定".encode(), "公开数据:不含假".encode()
    for format_name in ("xlsx", "html", "geojson"):
        found = check(planted(exported(bundle, format_name), format_name, banner, mark))
        assert not found.is_same


def test_a_changed_map_is_found_around_unchanged_rows(bundle: Bundle, check: Check) -> None:
    data, slip = exported(bundle, "html")
    place = data.rindex(b'"lon":[') + len(b'"lon":[1')
    found = check((data[:place] + b"9" + data[place + 1 :], slip))
    assert codes(found) == {"verify_document"}


def test_a_later_program_says_which_version_wrote_the_file(
    bundle: Bundle, places: Places, demo: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, slip = exported(bundle, "geojson")
    monkeypatch.setattr("network_map.verify.__version__", "99.0.0")
    found = verify(read_claim(data, "x", slip), places, demo)
    assert found.is_same
    assert __version__ in said(found)


# --- a workspace --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_versions(
    tmp_path_factory: pytest.TempPathFactory, reference: NodeListReference
) -> tuple[Path, str, str]:
    """A workspace with two versions of its list; the second one is current."""
    workspace = tmp_path_factory.mktemp("workspace") / "工作区"
    ids = []
    for text in ("县区,类型\n镇雄县,示范县\n", "县区,类型\n镇雄县,示范县\n盘龙区,示范县\n"):
        done = bring_nodes(
            text.encode(), workspace, file_name="名单.csv", confirm=True, reference=reference
        )
        ids.append(str(done.snapshot_id))
    return workspace, ids[0], ids[1]


@pytest.mark.long
@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_an_export_of_an_earlier_snapshot_agrees_and_another_snapshot_is_found(
    two_versions: tuple[Path, str, str], places: Places, tmp_path: Path, format_name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    workspace, first, second = two_versions
    made = nodes_bundle(open_snapshot(workspace, first), places)
    files = exported(made, format_name)

    def told(files: tuple[bytes, bytes]) -> tuple[int, str]:
        path = tmp_path / f"own.{format_name}"
        path.write_bytes(files[0])
        if format_name == "csv":
            (tmp_path / "own.meta.json").write_bytes(files[1])
        code = main(["verify", str(path), "--workspace", str(workspace)])
        return code, capsys.readouterr().out

    code, out = told(files)
    assert (code, out.split(":")[0]) == (0, "一致")
    recorded, other = (f'"dataset_id": "{one}"'.encode() for one in (first, second))
    code, out = told(planted(files, format_name, recorded, other, in_meta=True))
    assert code == 1
    assert "数据版本不同:nodes.csv" in out
    gone = f'"dataset_id": "{"0" * 16}"'.encode()
    code, out = told(planted(files, format_name, recorded, gone, in_meta=True))
    assert code == 1
    assert "没有可用的版本 0000000000000000" in out
    assert first in out


def test_a_snapshot_opens_by_its_id_whichever_is_current(
    two_versions: tuple[Path, str, str],
) -> None:
    workspace, first, second = two_versions
    before, after = (len(open_snapshot(workspace, one).nodes) for one in (first, second))
    assert after == before + 1
    assert open_dataset(workspace).dataset_id == second
    with pytest.raises(WorkspaceError):
        open_snapshot(workspace, "../../etc")


# --- the command line ---------------------------------------------------------------------------


def test_the_command_writes_a_description_beside_a_csv_and_verifies_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "节点.csv"
    assert main(["nodes", "--prefecture", "530600", "--out", str(out)]) == 0
    assert (tmp_path / "节点.meta.json").is_file()
    capsys.readouterr()
    assert main(["verify", str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["same"], report["edited"], report["findings"]) == (True, False, [])
    out.write_bytes(out.read_bytes().replace("昭阳区".encode(), "昭阴区".encode(), 1))
    assert main(["verify", str(out), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["edited"] is True
    assert {"row", "column", "value", "fix"} <= set(report["findings"][0])
    (tmp_path / "节点.meta.json").rename(tmp_path / "别处.json")
    assert main(["verify", str(out)]) == 1
    assert "节点.meta.json" in capsys.readouterr().err
    assert main(["verify", str(out), "--meta", str(tmp_path / "别处.json")]) == 1


@pytest.mark.parametrize("format_name", ["xlsx", "gpkg", "html"])
def test_a_file_of_the_command_line_is_the_file_of_the_page_and_agrees(
    tmp_path: Path, demo: Dataset, places: Places, format_name: str
) -> None:
    out = tmp_path / f"节点.{format_name}"
    assert main(["nodes", "--prefecture", "昭通", "--out", str(out)]) == 0
    page = nodes_bundle(demo, places, prefecture_adcode="530600")
    assert out.read_bytes() == file_bytes(page, format_name)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert main(["verify", str(out)]) == 0


# --- files from outside -------------------------------------------------------------------------


def deep_json() -> bytes:
    return b'{"type": "FeatureCollection", "features": ' + b"[" * 200_000


def bomb() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        for number in range(9):
            book.writestr(f"xl/{number}.xml", b"\0" * 50_000_000)
    return buffer.getvalue()


def entities() -> bytes:
    parts = {"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}
    return zipped(parts)


def endless_view() -> bytes:
    with sqlite3.connect(":memory:") as base:
        base.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        base.execute("INSERT INTO gpkg_contents VALUES ('nodes'), ('x\"; DROP TABLE y'), (NULL)")
        base.execute(
            "CREATE VIEW nodes AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i FROM n"
        )
        base.commit()
        return base.serialize()


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 99, b"a,b\r\n1,2\r\n", b"{}", b'{"format": "network_map.export"}', b"PK\x03\x04",
     b"SQLite format 3\x00" + b"\xff" * 200, b"<!DOCTYPE html><script>alert(1)</script>",
     deep_json(), bomb(), entities(), endless_view(), zipped({"a": b"b"})],
    ids=["empty", "zeros", "table", "object", "no recipe", "zip head", "sqlite head", "page",
         "deep", "bomb", "entities", "view", "zip"],
)  # fmt: skip
def test_a_file_that_is_not_ours_is_one_sentence(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert main(["verify", str(path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    with pytest.raises(FileFormatError):
        read_claim(data, "file")


@pytest.mark.law
@settings(max_examples=20)
@given(data=st.data(), format_name=st.sampled_from(["xlsx", "gpkg", "geojson", META_ENDING]))
def test_a_file_damaged_anywhere_is_found_or_refused_and_never_breaks_the_program(
    bundle: Bundle, data: st.DataObject, format_name: str
) -> None:
    whole = file_bytes(bundle, format_name)
    start = data.draw(st.integers(0, len(whole) - 1))
    piece = data.draw(st.binary(min_size=1, max_size=6))
    damaged = whole[:start] + piece + whole[start + len(piece) :]
    with suppress(NetworkMapError):
        assert read_claim(damaged, "x").recipe.report


@pytest.mark.parametrize(
    "change",
    [{"report": "gold"}, {"language": "la"}, {"parameters": {}},
     {"parameters": {"prefecture": "../x", "kinds": None}},
     {"parameters": {"prefecture": None, "kinds": ["teahouse"]}},
     {"parameters": {"prefecture": None, "kinds": None, "more": 1}}],
)  # fmt: skip
def test_a_recipe_that_cannot_be_used_is_refused_with_what_was_expected(
    bundle: Bundle, places: Places, demo: Dataset, change: dict[str, object]
) -> None:
    assert bundle.recipe is not None
    recipe = read_recipe({**bundle.recipe.as_json(), **change})
    with pytest.raises(QueryError) as caught:
        derive(recipe, places, demo)
    assert all(error_text(caught.value, language) for language in ("zh", "en"))
    data, slip = exported(dataclasses.replace(bundle, recipe=recipe), "geojson")
    found = verify(read_claim(data, "x", slip), places, demo)
    assert codes(found) == {"verify_not_derivable"}


@pytest.mark.parametrize(
    "found", [None, [], {}, {"report": 1}, {"version": True}, {"parameters": "x" * 9}]
)
def test_what_is_no_recipe_is_refused(bundle: Bundle, found: object) -> None:
    assert bundle.recipe is not None
    whole = bundle.recipe.as_json()
    value = {**whole, **found} if isinstance(found, dict) and found else found
    with pytest.raises(FileFormatError):
        read_recipe(value)


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        (0.006139262877465468, "same"),
        (0.00613926287746, "same"),
        (0.0061392629, "other"),
        (0.0062, "other"),
    ],
)
def test_last_digits_of_another_processor_make_no_difference_and_others_do(
    written: float, verdict: str
) -> None:
    assert verification._is_same(written, plain_value(0.006139262877465463)) is (verdict == "same")
