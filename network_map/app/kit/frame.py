"""The frame of every page: navigation and choices at the top, the data banner, the errors caught.

The pages: subjects side by side, what is about data under one heading. Finding a county by any of
its names.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import NoReturn

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from network_map.app import MAIN_PAGE
from network_map.app.kit import choices as state
from network_map.app.kit import memo as cached
from network_map.app.kit.choices import KEPT, kept, say_again
from network_map.app.kit.map import component, static_address
from network_map.app.kit.tables import IN_DOCUMENT, page_style, plain
from network_map.config import app_root
from network_map.datasets import known_codes, open_dataset
from network_map.errors import NetworkMapError, TableError
from network_map.i18n import DEFAULT_LANGUAGE, LANGUAGES, error_text, problem_text, text
from network_map.maps.spec import NodeLayer
from network_map.nodes.dataset import Dataset
from network_map.places.gazetteer_index import SearchHit
from network_map.places.query import AreaQuery
from network_map.places.reference import Places, dataset_label, place_names
from network_map.query import Context
from network_map.terms import OWN, AdminLevel
from network_map.workspace.register import has_register

_LIMIT = 8
_BAR = "top_bar"
_BAR_SCRIPT = "static/top_bar/top_bar.js"


@st.fragment
def search_and_copy(places: Places, language: str) -> None:
    """Draw the search for a county or prefecture, with suggestions, and the button for the link.

    Parameters
    ----------
    places
        The reference tables.
    language
        ``zh`` or ``en``.
    """
    typed = str(getattr(st.session_state.get(_BAR), "typed", None) or "")
    names = place_names(places.divisions, language)
    hits = [[hit.adcode, *_named(hit, names)] for hit in _hits(typed)] if typed else []
    words = ("search", "placeholder", "none", "copy", "copied", "copy_help", "lost")
    component(_BAR, static_address(_BAR_SCRIPT))(
        key=_BAR,
        data={
            "asked": typed,
            "hits": hits,
            "words": {word: text(f"frame.bar.{word}", language) for word in words},
            "failure": "",
        },
        on_typed_change=_nothing,
        on_pick_change=partial(_take_pick, places),
    )
    if st.session_state.pop("search_picked", False):
        st.rerun()


def _named(hit: SearchHit, names: Mapping[str, str]) -> tuple[str, str]:
    is_county = hit.level is AdminLevel.COUNTY
    return names[hit.adcode], names[str(hit.parent_adcode)] if is_county else ""


def _nothing() -> None:
    """Let the fragment run: it answers what was typed."""


def _take_pick(places: Places) -> None:
    adcode = getattr(st.session_state.get(_BAR), "pick", None)
    divisions = places.divisions
    found = divisions.loc[divisions["adcode"] == str(adcode)]
    if found.empty or found["level"].item() == AdminLevel.PROVINCE:
        return
    st.session_state["search_picked"] = True
    _select_place(str(adcode), AdminLevel(found["level"].item()), found["parent_adcode"].item())


def _hits(wanted: str) -> list[SearchHit]:
    found = cached.gazetteer().search(wanted, limit=_LIMIT)
    return [hit for hit in found if hit.level is not AdminLevel.PROVINCE]


def _select_place(adcode: str, level: AdminLevel, parent_adcode: str | None) -> None:
    """Select a county, or filter to a prefecture; a filter that hides the county is moved."""
    if level is AdminLevel.PREFECTURE:
        st.session_state["prefecture"] = adcode
        state.select_county(None)
        return
    if st.session_state["prefecture"] not in {state.WHOLE_PROVINCE, parent_adcode}:
        st.session_state["prefecture"] = parent_adcode
    state.select_county(adcode)


_SHOWN_PROBLEMS = 20
DATASET_WIDTH_PX, PREFECTURE_WIDTH_PX = 176, 122


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What every page works with.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    places
        The reference tables, with the data set's own figures of counties.
    dataset
        The open data set.
    roll
        Presence of each kind in each place of that data set.
    nodes
        Its nodes as the browser reads them.
    shown_kinds
        The counted kinds, and the others that the data set has nodes of, in tier order.
    prefecture_adcode
        The chosen prefecture, None for the province.
    context
        The codes that its query may name.
    """

    language: str
    places: Places
    dataset: Dataset
    roll: pd.DataFrame
    nodes: NodeLayer
    shown_kinds: tuple[str, ...]
    prefecture_adcode: str | None
    context: Context

    @property
    def area_name(self) -> str:
        """Name of the shown prefecture, or the words for the whole province."""
        if self.prefecture_adcode is None:
            return text("frame.whole_province", self.language)
        return place_names(self.places.divisions, self.language)[self.prefecture_adcode]


def open_page(name: str, query: type[AreaQuery] = AreaQuery, *, has_heading: bool = True) -> Page:
    """Return what the page works with, its choices and banner drawn; stops where there is none.

    Parameters
    ----------
    name
        Key of the page below ``page.`` in the catalogs.
    query
        What the page asks.
    has_heading
        Whether its title and the sentence about the data set stand above it; without, the page
        says itself what is real.
    """
    if "language" not in st.session_state:
        _start_again(name)
    if st.session_state.get("drawn_page") != name:
        # The choices of the frame are other widgets on every page: each takes over what the one
        # before it held.
        say_again()
    language = st.session_state["language"]
    st.html(page_style(language, is_in_document=IN_DOCUMENT in st.context.headers))
    bar = st.container(key="top_bar_row", horizontal=True, gap="small", width="content")
    # A row, not columns: the browser lays out and measures each column of its own.
    heading_place = st.container(horizontal=True, vertical_alignment="center", gap="large")
    if has_heading:
        title = escape(text(f"page.{name}.title", language))
        heading_place.html(f'<h1 class="page-title">{title}</h1>', width="content")
    # Sentences come and go in a place of their own, so that nothing below moves.
    notes_place = st.container()
    # What helps out of trouble is drawn before anything that can fail.
    search_place, prefecture_place = bar.container(width="content"), bar.container(width="content")
    with bar.container(key=f"dataset_{st.session_state['dataset']}", width="content"):
        _choose_dataset(language)
    with bar:
        _switch_language(language)
    with told(language, is_final=True):
        places = cached.places()
        with notes_place:
            dataset = _open_dataset(language)
        context = known_codes(places, dataset)
        state.start_query(query, places, context)
        with prefecture_place:
            prefecture = _choose_prefecture(places, language)
        with search_place:
            search_and_copy(places, language)
        state.keep_possible(places, context)
        st.session_state["drawn_page"] = name
        if has_heading:
            with heading_place:
                _banner(dataset, language)
        with notes_place:
            _say_link_problems(context, language)
        state.write_link(context)
        # A file of the contract register is made of it and the shipped tables alone.
        own = places if name == "contracts" else cached.dataset_places(dataset)
        return Page(
            language,
            own,
            dataset,
            roll=cached.roll(dataset),
            nodes=cached.nodes(dataset),
            shown_kinds=cached.kinds(dataset),
            prefecture_adcode=prefecture,
            context=context,
        )
    raise AssertionError  # `told` stopped the run


def panes() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Return the places of list, map and card: side by side in one viewport, each scrolls alone."""
    row = st.container(key="panes", horizontal=True, gap=None, wrap=False)
    list_pane, map_pane = (row.container(key=f"{name}_pane", gap=None) for name in ("list", "map"))
    return list_pane, map_pane, row.container(key="card_pane", gap="small")


def page_links(*names: str, language: str) -> None:
    """Draw the way to other pages, which open with the same selection."""
    row = st.container(horizontal=True, gap="small")
    for name in names:
        row.page_link(
            app_root() / "pages" / f"{name}.py",
            label=text("frame.to_page", language, page=text(f"nav.page.{name}", language)),
            width="content",
        )


PANE_HEIGHT = "var(--pane-height)"
HEADED_HEIGHT = "calc(var(--pane-height) - 36px)"
"""Heights of a map or list that fills its pane, and of one with a line of choices above it."""


def _start_again(name: str) -> NoReturn:
    """Run the start script, which was left out.

    Until a server has called `st.navigation` once, Streamlit takes each file of the folder
    ``pages`` for an application of its own: the first visitor of a page's own address runs that
    file alone. The call ends this, and the page asked for is kept.
    """
    folder = app_root()
    asked = st.Page(folder / "pages" / f"{name}.py", url_path=name)
    st.navigation([st.Page(folder / "streamlit_app.py", default=True), asked], position="hidden")
    st.rerun()


@contextmanager
def told(language: str, *, is_final: bool = False) -> Iterator[None]:
    """Say any error of the block as a sentence; the only place of the pages that catches.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    is_final
        Whether the page stops there, because nothing below can be drawn.
    """
    try:
        yield
    except NetworkMapError as error:
        st.error(plain(error_text(error, language)))
        if isinstance(error, TableError):
            for problem in error.problems[:_SHOWN_PROBLEMS]:
                st.text(problem_text(problem, language))
        if is_final:
            st.stop()


def _choose_dataset(language: str) -> None:
    st.selectbox(
        text("frame.dataset", language),
        state.DATASETS,
        format_func=partial(dataset_label, language=language),
        key=kept("dataset"),
        persist_state=KEPT,
        label_visibility="collapsed",
        width=DATASET_WIDTH_PX,
    )


def _open_dataset(language: str) -> Dataset:
    """Return the chosen data set; where nothing was imported, the public one and a sentence."""
    name = st.session_state["dataset"]
    if name != OWN:
        return cached.shipped_dataset(name)
    folder = cached.settings().workspace_dir
    if not has_register(folder):
        st.info(text("frame.own_missing", language))
        return cached.shipped_dataset("public")
    return open_dataset(str(folder))


def _choose_prefecture(places: Places, language: str) -> str | None:
    divisions = places.divisions
    prefectures = divisions.loc[divisions["level"] == AdminLevel.PREFECTURE, "adcode"]
    # "Honghe Hani and Yi Autonomous Prefecture" has no room in the bar.
    names = place_names(divisions, language, short=language == "en")
    whole = text("frame.whole_province", language)
    st.selectbox(
        text("frame.prefecture", language),
        [state.WHOLE_PROVINCE, *prefectures],
        format_func=lambda adcode: names.get(adcode, whole),
        key=kept("prefecture"),
        persist_state=KEPT,
        label_visibility="collapsed",
        width=PREFECTURE_WIDTH_PX,
    )
    return st.session_state["prefecture"] or None


def _switch_language(language: str) -> None:
    other = next(other for other in LANGUAGES if other != language)
    st.button(
        text("frame.other_language", language), key="other_language", on_click=_take_language,
        args=(other,),
    )  # fmt: skip


def _take_language(language: str) -> None:
    st.session_state["language"] = language
    say_again()


def _say_link_problems(context: Context, language: str) -> None:
    """Name what in the link could not be used, until the person changes the view."""
    problems = state.link_problems(context)
    if problems:
        lines = [text("frame.link_problem", language, count=len(problems))]
        lines += [f"- {plain(problem_text(problem, language))}" for problem in problems]
        st.warning("\n".join(lines))


def _banner(dataset: Dataset, language: str) -> None:
    if dataset.is_demo:
        st.warning(text("frame.demo_banner", language))
    else:
        say_version(dataset, language)


def say_version(dataset: Dataset, language: str) -> None:
    """Say what the data are, of own data which version."""
    short = dataset.dataset_id[:8]
    st.caption(text(f"frame.{dataset.name}_banner", language, snapshot=short))


_GROUPS = (
    (None, (MAIN_PAGE, "siting", "contracts", "consortia", "indices")),
    ("data", ("data_check", "import_nodes", "import_contracts", "methods")),
)


def navigation() -> StreamlitPage:
    """Return the page that was asked for, its place in the navigation drawn.

    Page titles follow the language; their addresses do not, so that a link stays good.
    """
    state.follow_history()
    with told(DEFAULT_LANGUAGE, is_final=True):
        state.start_session(cached.settings())
    cached.warm_up()
    language = st.session_state["language"]
    st.set_page_config(page_title=text("app.title", language), layout="wide")
    pages = {
        text(f"nav.{group}", language) if group else "": [_page(name, language) for name in names]
        for group, names in _GROUPS
    }
    page = st.navigation(pages, position="top")
    st.session_state["page"] = page.url_path
    return page


def _page(name: str, language: str) -> StreamlitPage:
    return st.Page(
        app_root() / "pages" / f"{name}.py",
        title=text(f"nav.page.{name}", language),
        url_path=name,
        default=name == MAIN_PAGE,
    )
