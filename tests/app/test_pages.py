"""The pages without a browser: they run, they say everything in one language, they keep state."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from network_map.app import MAIN_PAGE
from network_map.app.kit import frame
from network_map.app.kit import memo as cached
from network_map.app.kit import tables as linked_table
from network_map.datasets import open_dataset
from network_map.datasets.imports import node_import, preview_node_list
from network_map.i18n import LANGUAGES, catalog
from network_map.nodes.importing.preview import CompleteClaim, NodeListOptions
from network_map.nodes.importing.words import parse_new_kind
from network_map.terms import NodeKind
from tests.paths import NODE_LISTS, ROOT

pytestmark = pytest.mark.page

PAGES = (
    "gaps", "siting", "contracts", "consortia", "indices", "data_check", "import_nodes",
    "import_contracts", "methods",
)  # fmt: skip
HEADED = tuple(page for page in PAGES if page != MAIN_PAGE)
"""The pages under a heading with a banner; the gap map says itself what is real."""
DATASETS = ("demo", "public", "own")
LIST = (
    "节点名称,节点类型,县(市、区),州(市)\n"
    "镇雄中心,县域中心,镇雄县,昭通市\n"
    "维西中心,县域中心,维西傈僳族自治县,迪庆藏族自治州\n"
)
# Texts of the frame that are the same in both languages, so that anybody finds the switch.
_BILINGUAL = frozenset({"中文", "EN"})
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH_SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")
_KEYS = frozenset({*catalog("zh"), *catalog("en")})


def import_list(workspace: Path) -> None:
    """Import two county centres into a workspace, declared complete."""
    preview = preview_node_list(LIST.encode(), "名单.csv", NodeListOptions(), workspace=workspace)
    claim = CompleteClaim(NodeKind.COUNTY_CENTRE, "530000", "2026-01-31")
    node_import(preview, workspace, complete=[claim]).apply(workspace)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of its own for the application; nothing imported yet."""
    folder = tmp_path / "workspace"
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(folder))
    cached.settings.clear()
    yield folder
    monkeypatch.undo()
    cached.settings.clear()


@pytest.fixture
def own_list(workspace: Path) -> Path:
    """A workspace that holds two county centres, declared complete."""
    import_list(workspace)
    return workspace


class CountyRows:
    """The rows that the county table was last given: they travel beside the page, by their hash."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}

    def take(self, rows: bytes) -> str:
        """Keep the rows instead of registering them."""
        self.content = json.loads(rows)
        return "rows"

    @property
    def cells(self) -> list[list[object]]:
        """The cells of each row."""
        return [row["cells"] for row in self.content["rows"]]

    @property
    def headings(self) -> list[str]:
        """The headings and what explains them."""
        columns = self.content["columns"]
        return [*(c["heading"] for c in columns), *(c["about"] for c in columns)]


@pytest.fixture(autouse=True)
def county_rows(monkeypatch: pytest.MonkeyPatch) -> CountyRows:
    """What the county table shows."""
    rows = CountyRows()
    monkeypatch.setattr(linked_table, "file_url", rows.take)
    return rows


class TopBar:
    """Stands for the search, a script in the browser that no test without one can run.

    Its triggers are buttons here: Streamlit calls what they call back at the same moment.
    """

    def __init__(self) -> None:
        self.told: Mapping[str, Any] = {}

    def __call__(
        self,
        *,
        key: str,
        data: Mapping[str, Any],
        on_typed_change: Callable[[], None],
        on_pick_change: Callable[[], None],
    ) -> None:
        """Draw the component: take what the browser would be told."""
        assert key == "top_bar"
        self.told = data
        st.button("typed", key="bar_typed", on_click=on_typed_change)
        st.button("pick", key="bar_pick", on_click=on_pick_change)

    def type(self, app: AppTest, words: str) -> list[list[str]]:
        """Type into the search and return what it offers."""
        app.session_state["top_bar"] = SimpleNamespace(typed=words, pick=None)
        app.button(key="bar_typed").click().run()
        hits: list[list[str]] = self.told["hits"]
        return hits

    def pick(self, app: AppTest, adcode: object) -> None:
        """Pick a suggestion."""
        app.session_state["top_bar"] = SimpleNamespace(typed=self.told["asked"], pick=adcode)
        app.button(key="bar_pick").click().run()


@pytest.fixture
def top_bar(monkeypatch: pytest.MonkeyPatch) -> TopBar:
    """The search of every page."""
    bar = TopBar()
    monkeypatch.setattr(frame, "component", lambda *_: bar)
    return bar


def switch_language(app: AppTest) -> AppTest:
    """Ask for the other language."""
    return app.button(key="other_language").click().run()


@cache
def components() -> BidiComponentManager:
    """Streamlit's registry of components: one for all sessions, as in a server.

    To make its own, each session would read the metadata of every installed package.
    """
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def opened(page: str = MAIN_PAGE, **link: str) -> AppTest:
    """Open a page in a new session, by its own address."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    app._bidi_component_manager = components()
    for name, value in link.items():
        app.query_params[name] = value
    if page != MAIN_PAGE:
        app.switch_page(str(ROOT / "pages" / f"{page}.py"))
    app.run()
    assert [error.message for error in app.exception] == []
    return app


def strings(message: Message) -> Iterator[str]:
    """Every text of an element that a person can read."""
    for field, value in message.ListFields():
        if field.name in {"id", "form_id", "user_key", "columns", "data", "url", "json_args"}:
            continue
        if field.type == field.TYPE_STRING:
            yield from value if not isinstance(value, str) else [value]
        elif field.type == field.TYPE_MESSAGE:
            for part in [value] if isinstance(value, Message) else value:
                if isinstance(part, Message):
                    yield from strings(part)


def told_finding(app: AppTest) -> dict[str, Any]:
    """What the script of the gap map's finding was told."""
    (told,) = (
        json.loads(element.proto.json)
        for element in app.main
        if getattr(element.proto, "component_name", "") == "network_map.gap_finding"
    )
    return dict(told)


def texts(app: AppTest) -> set[str]:
    """Every text on the page, without the style and without the cells of tables."""
    return set(all_texts(app)) - _BILINGUAL


def all_texts(app: AppTest) -> list[str]:
    """The same texts one by one: two of them may be one word in one of the languages."""
    found: list[str] = []
    for element in app.main:
        if hasattr(element, "proto") and isinstance(element.proto, Message):
            found += [text for text in strings(element.proto) if not text.startswith("<style>")]
    shown = [re.sub(r"<[^>]+>", " ", text).strip() for text in found]
    return [text for text in shown if text]


# The data sets, each in both languages on the page that differs most, or in one of them.
SEEN = [
    *((page, "demo", language) for page in PAGES for language in LANGUAGES),
    *((page, "public", "zh") for page in PAGES),
    (MAIN_PAGE, "public", "en"),
    *((page, "own", "en") for page in PAGES),
]


class Seen:
    """Pages opened once for all tests that only look at them."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._pages: dict[tuple[str, str, str], AppTest] = {}
        import_list(workspace)
        self.version = open_dataset(str(workspace)).dataset_id[:8]

    def __call__(self, page: str, dataset: str, language: str) -> AppTest:
        """Return the page as a first visit shows it."""
        asked = (page, dataset, language)
        if asked not in self._pages:
            link = {"dataset": dataset, "lang": language}
            if dataset == "own":
                link["prefecture"] = "530600"
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("NETWORK_MAP_WORKSPACE", str(self._workspace))
                cached.settings.clear()
                self._pages[asked] = opened(page, **link)
            cached.settings.clear()
        return self._pages[asked]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A workspace with a list, and what the pages show of it."""
    return Seen(tmp_path_factory.mktemp("seen") / "workspace")


@pytest.mark.parametrize(("page", "dataset", "language"), SEEN)
def test_every_page_runs_and_says_no_key_and_no_foreign_sentence(
    seen: Seen, page: str, dataset: str, language: str
) -> None:
    told = texts(seen(page, dataset, language))
    foreign = _ENGLISH_SENTENCE if language == "zh" else _CHINESE
    assert [text for text in told if foreign.search(text)] == []
    assert told & _KEYS == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_as_much_in_one_language_as_in_the_other(seen: Seen, page: str) -> None:
    chinese, english = (all_texts(seen(page, "demo", language)) for language in LANGUAGES)
    assert len(chinese) == len(english) > 5


@pytest.mark.parametrize("page", HEADED)
def test_the_demonstration_banner_stands_on_every_page_with_a_heading_and_only_there(
    seen: Seen, page: str
) -> None:
    demo = seen(page, "demo", "zh")
    assert ["不得作为决策依据" in element.value for element in demo.warning] == [True]
    assert not seen(page, "public", "zh").warning


def test_the_gap_map_says_itself_that_lists_are_assumed(seen: Seen) -> None:
    for language, begins in (("zh", "若按假定名单"), ("en", "By the assumed lists")):
        told = (told_finding(seen(MAIN_PAGE, name, language)) for name in ("demo", "public"))
        demo, public = ("".join(part for part, _ in one["parts"]) for one in told)
        assert begins in demo
        assert begins not in public


@pytest.mark.parametrize("page", PAGES)
def test_the_own_list_is_on_every_page_with_its_version_and_in_the_address(
    seen: Seen, page: str
) -> None:
    app = seen(page, "own", "en")
    assert any(seen.version in element.value for element in app.caption)
    link = {name: "".join(value) for name, value in app.query_params.items()}
    assert (link["dataset"], link["prefecture"], link["lang"]) == ("own", "530600", "en")


@pytest.mark.usefixtures("own_list")
def test_every_table_has_headings_and_words_of_the_language(county_rows: CountyRows) -> None:
    for page, language, foreign in (
        (MAIN_PAGE, "zh", _ENGLISH_SENTENCE),
        ("data_check", "zh", _ENGLISH_SENTENCE),
        (MAIN_PAGE, "en", _CHINESE),
    ):
        app = opened(page, lang=language, dataset="demo")
        tables = [element.value for element in app.dataframe]
        assert tables or page == MAIN_PAGE
        shown = [str(cell) for row in county_rows.cells for cell in row]
        assert [cell for cell in [*shown, *county_rows.headings] if foreign.search(cell)] == []
        cells = {str(cell) for table in tables for cell in pd.unique(table.to_numpy().ravel())}
        assert [cell for cell in cells if foreign.search(cell)] == []
        configs = " ".join(element.proto.columns for element in app.dataframe)
        labels = re.findall(r'"label": "([^"]+)"', configs.encode().decode("unicode_escape"))
        assert len(labels) >= 9 or page == MAIN_PAGE
        assert [label for label in labels if foreign.search(label)] == []


def told_values(app: AppTest) -> list[str]:
    """Keys of the widgets that a person can change and whose value this run told the browser."""

    def below(node: Any) -> Iterator[Any]:  # noqa: ANN401 -- Streamlit's tree has no common type
        yield node
        for child in getattr(node, "children", {}).values():
            yield from below(child)

    told = [element for element in below(app.main) if getattr(element.proto, "set_value", False)]
    return [element.key for element in told if not element.proto.disabled]


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("page", PAGES)
def test_a_run_does_not_tell_the_browser_what_the_browser_told(page: str) -> None:
    """A value that comes back replaces what the person has clicked meanwhile."""
    link = {"dataset": "demo", "view": "sub_market", "only_gaps": "1", "prefecture": "530600"}
    app = opened(page, **link)
    if page == MAIN_PAGE:  # what the link asks for is told once
        assert {"gap_view", "gap_only_gaps", "prefecture"} <= set(told_values(app))
    app.run()
    assert told_values(app) == []
    for switches in app.pills:
        if isinstance(switches.value, list):
            switches.set_value(switches.value[1:])
    app.selectbox(key="prefecture").set_value("530800").run()
    assert told_values(app) == []
    assert app.session_state["prefecture"] == "530800"
    switch_language(app)  # the words of a choice are others then
    assert "prefecture" in told_values(app)
    app.run()
    assert told_values(app) == []


@pytest.mark.usefixtures("workspace")
def test_own_data_without_an_import_is_a_sentence_and_the_public_list() -> None:
    for page in (MAIN_PAGE, "contracts"):
        app = opened(page, dataset="own")
        keys = ["frame.own_missing", *(["monitor.own_missing"] if page == "contracts" else [])]
        assert [element.value for element in app.info] == [catalog("zh")[key] for key in keys]
        assert any("公开数据" in element.value for element in app.main.caption)


def test_an_imported_list_is_in_the_table_with_its_version(
    own_list: Path, county_rows: CountyRows
) -> None:
    version = open_dataset(str(own_list)).dataset_id[:8]
    app = opened(dataset="own", view="network")
    assert any(version in element.value for element in app.caption)
    headings = [column["heading"] for column in county_rows.content["columns"]]
    rows = county_rows.content["rows"]
    table = {row["id"]: dict(zip(headings, row["cells"], strict=True)) for row in rows}
    assert [table[adcode][catalog("zh")["gap.list.centre"]] for adcode in ("530627", "530602")] == [
        "有",
        "无",
    ]
    assert {row[catalog("zh")["gap.list.demonstration"]] for row in table.values()} == {
        "有",
        "未公开",
    }


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("page", PAGES)
def test_a_link_that_cannot_be_used_is_named_on_whatever_page_it_opens(page: str) -> None:
    wrong = {"prefecture": "999999", "dataset": "xyz", "lang": "fr", "k": "99", "county": "530000"}
    app = opened(page, **wrong)
    (told,) = [element.value for element in app.warning if "链接" in element.value]
    assert "有 5 处" in told
    assert all(value in told for value in ("999999", "xyz", "fr", "99", "530000"))


@pytest.mark.usefixtures("workspace")
def test_what_a_link_says_is_shown_as_text_and_never_as_a_picture_or_a_link() -> None:
    planted = "![x](http://example.org/x.png)"
    (told,) = [e.value for e in opened(prefecture=planted).warning if "链接" in e.value]
    assert planted not in told
    assert "example" in told


@pytest.mark.usefixtures("workspace")
def test_the_choices_are_kept_from_page_to_page(county_rows: CountyRows) -> None:
    app = opened(
        prefecture="530600", county="530627", view="sub_market", gap_km="sub_market:90",
        layers="sub_market,hierarchy",
    )  # fmt: skip
    app.switch_page(str(ROOT / "pages" / "data_check.py")).run()
    app.switch_page(str(ROOT / "pages" / "import_nodes.py")).run()
    app.switch_page(str(ROOT / "pages" / "gaps.py")).run()
    state = app.session_state
    kept = (state["prefecture"], state["gap_view"], state["gap_layers"], state["gap_km_sub_market"])
    assert kept == ("530600", "sub_market", ["sub_market", "hierarchy"], 90)
    assert app.pills(key="gap_view").value == "sub_market"
    assert state["selected"] == "530627"
    assert len(county_rows.cells) == 11


@pytest.mark.usefixtures("workspace")
def test_a_prefecture_without_the_selected_county_takes_the_selection_away() -> None:
    app = opened(county="530627")
    app.selectbox(key="prefecture").select("530600").run()
    assert app.session_state["selected"] == "530627"
    app.selectbox(key="prefecture").select("530100").run()
    assert app.session_state["selected"] is None
    assert opened(county="530627", prefecture="530100").session_state["selected"] is None


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("维西", ["533423"]),
        ("533423", ["533423"]),
        ("路南", ["530126"]),
        ("wx", ["530629", "533423"]),
        ("昭通", ["530600"]),
    ],
)
def test_a_county_is_found_by_any_of_its_names(
    top_bar: TopBar, typed: str, found: list[str]
) -> None:
    app = opened("methods")
    offered = [code for code, *_ in top_bar.type(app, typed)]
    assert set(found) <= set(offered)
    assert top_bar.told["asked"] == typed
    top_bar.pick(app, found[0])
    assert not app.exception
    is_prefecture = found[0].endswith("00")
    chosen = app.session_state["prefecture" if is_prefecture else "selected"]
    assert chosen == found[0]
    name = "prefecture" if is_prefecture else "county"
    assert app.query_params[name] == found[0]


@pytest.mark.usefixtures("workspace")
def test_a_suggestion_says_name_and_prefecture_in_the_language(top_bar: TopBar) -> None:
    app = opened("methods")
    assert ["533423", "维西傈僳族自治县", "迪庆藏族自治州"] in top_bar.type(app, "维西")
    assert ["530600", "昭通市", ""] in top_bar.type(app, "昭通")
    switch_language(app)
    hits = top_bar.type(app, "维西")
    assert [cell for row in hits for cell in row if _CHINESE.search(cell)] == []


@pytest.mark.usefixtures("workspace")
def test_a_found_county_moves_a_filter_that_hides_it_and_a_prefecture_lets_it_go(
    top_bar: TopBar,
) -> None:
    app = opened("methods", prefecture="530100")
    top_bar.type(app, "镇雄")
    top_bar.pick(app, "530627")
    assert (app.session_state["prefecture"], app.session_state["selected"]) == ("530600", "530627")
    top_bar.pick(app, "530100")
    assert (app.session_state["prefecture"], app.session_state["selected"]) == ("530100", None)
    for nonsense in ("999999", "530000", "530100\n", None, ["530627"]):
        top_bar.pick(app, nonsense)
        assert not app.exception
        assert app.session_state["prefecture"] == "530100"


@pytest.mark.usefixtures("workspace")
def test_nonsense_in_the_search_offers_nothing_and_breaks_nothing(top_bar: TopBar) -> None:
    app = opened("methods")
    for typed in ("没有这个县", "**x** ![](http://example.org/x)", "<不是县>", "   ", "a" * 5000):
        assert top_bar.type(app, typed) == []
        assert not app.exception
        assert not app.error
    assert top_bar.told["words"]["none"] == catalog("zh")["frame.bar.none"]


def test_a_kind_of_the_own_list_never_shows_as_a_bare_code_in_another_data_set(
    workspace: Path,
) -> None:
    preview = preview_node_list(
        "节点名称,节点类型,县(市、区)\n某中心,概念验证平台,五华区\n".encode(),
        "新类型.csv",
        NodeListOptions(new_kinds=(parse_new_kind("概念验证平台:县"),)),
        workspace=workspace,
    )
    node_import(preview, workspace).apply(workspace)
    kind = preview.nodes["kind"].iloc[0]
    app = opened(dataset="own", layers=f"sub_market,{kind}")
    assert app.session_state["gap_layers"] == ["sub_market", kind]
    app.selectbox(key="dataset").select("demo").run()
    assert kind not in texts(app)
    assert not app.exception


@pytest.mark.usefixtures("own_list")
def test_the_tiers_stand_in_their_order_in_every_data_set() -> None:
    for dataset in DATASETS:
        app = opened(dataset=dataset)
        shown = [option.content for option in app.button_group(key="gap_layers").proto.options]
        assert [name.split()[-1] for name in shown[:4]] == [
            "省市场",
            "分市场",
            "示范县",
            "县域中心",
        ]
        totals = opened("data_check", dataset=dataset).dataframe[0].value
        assert list(totals["kind_name"].str.slice(-3)) == ["术市场", "分市场", "示范县", "化中心"]


def test_a_damaged_workspace_is_a_sentence_and_the_other_data_sets_stay_open(
    own_list: Path,
) -> None:
    for damaged in own_list.rglob("nodes*"):
        damaged.write_bytes(os.urandom(64))
    for page in (MAIN_PAGE, "contracts", "import_nodes"):  # the frame of every page says it
        app = opened(page, dataset="own")
        assert len(app.error) == 1
        assert "校验" in app.error[0].value
        assert app.button(key="other_language").label == "EN"
        app.selectbox(key="dataset").select("demo").run()
        assert not app.error or page.startswith("import_")


def test_an_ugly_list_can_be_previewed_in_both_languages_and_changes_nothing(
    workspace: Path,
) -> None:
    file = NODE_LISTS / "ambiguous.csv"
    for language, foreign in (("zh", _ENGLISH_SENTENCE), ("en", _CHINESE)):
        app = opened("import_nodes", lang=language)
        app.file_uploader[0].upload(file.name, file.read_bytes()).run()
        assert [error.message for error in app.exception] == []
        assert not app.error
        assert app.button(key="import_confirm").label == catalog(language)["import.page.confirm"]
        headers = {box.label for box in app.selectbox if "import_column" in str(box.key)}
        assert headers
        own_words = texts(app) - headers
        # The sentences about rows quote the list; everything else is in one language.
        quoted = {text for text in own_words if language == "en" and "“" in text}
        assert [text for text in own_words - quoted if foreign.search(text)] == []
    assert not workspace.exists()


@pytest.mark.usefixtures("own_list")
def test_a_change_of_language_keeps_the_choices_of_the_data_check() -> None:
    app = opened("data_check", dataset="own")
    app.selectbox(key="roll_kind").select("county_centre").run()
    app.selectbox(key="roll_presence").select("absent").run()
    switch_language(app)
    assert not app.exception
    chosen = (app.selectbox(key="roll_kind").value, app.selectbox(key="roll_presence").value)
    assert chosen == ("county_centre", "absent")
    (roll,) = [e.value for e in app.dataframe if "basis" in e.value]
    assert (len(roll), set(roll["presence"])) == (127, {"absent"})


@pytest.mark.usefixtures("workspace")
def test_a_change_of_language_keeps_what_was_said_about_a_list_but_not_for_the_next() -> None:
    app = opened("import_nodes")
    app.file_uploader[0].upload("a.csv", LIST.encode()).run()
    app.selectbox(key="import_origin").select("official").run()
    (whole,) = [radio for radio in app.radio if "import_complete" in str(radio.key)]
    whole.set_value(True).run()
    assert app.multiselect[0].value == ["county_centre"]
    switch_language(app)
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="import_origin").value == "official"
    assert app.multiselect[0].value == ["county_centre"]
    app.file_uploader[0].upload("b.csv", LIST.replace("镇雄", "大关").encode()).run()
    assert not app.multiselect


def test_a_workspace_that_cannot_be_written_is_a_sentence_and_the_preview_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NETWORK_MAP_WORKSPACE", str(tmp_path / "file" / "workspace"))
    cached.settings.clear()
    app = opened("import_nodes")
    app.file_uploader[0].upload("a.csv", LIST.encode()).run()
    app.button(key="import_confirm").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "工作区" in app.error[0].value
    assert not app.success
    assert app.dataframe
    assert app.session_state["dataset"] == "demo"
    cached.settings.clear()


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("typed", ["**粗**", ":", "中心:乡镇", "a" * 3000, ",,、,"])
def test_a_new_kind_that_cannot_be_declared_is_a_sentence(typed: str) -> None:
    app = opened("import_nodes")
    app.file_uploader[0].upload("a.csv", LIST.encode()).run()
    app.text_input(key="import_new_kinds").input(typed).run()
    assert [error.message for error in app.exception] == []
    assert len(app.error) <= 1
    assert "**粗**" not in "".join(error.value for error in app.error)
