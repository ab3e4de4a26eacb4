"""What the application has: pages, commands, tables, reports, links.

Run as a program (``python -m tests.house.feature_list``) it keeps the present list in
``golden/features.json``. All that is known of the inside of the package stands in the imports.
"""

import json
from argparse import SUPPRESS, ArgumentParser, _SubParsersAction
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias
from unittest.mock import patch

import streamlit as st

from network_map.app.kit import choices as state
from network_map.app.kit import frame
from network_map.catalog import SHIPPED, TABLES
from network_map.cli import argument_parser
from network_map.config import app_root, load_settings
from network_map.consortia.answer import ConsortiumQuery
from network_map.contracts.query import ContractQuery
from network_map.datasets import known_codes, open_dataset
from network_map.gaps.query import GapQuery
from network_map.indices.answer import IndexQuery
from network_map.nodes.dataset import REPORT_VERSIONS
from network_map.places.query import AreaQuery
from network_map.places.reference import open_places
from network_map.query import parameters_of
from network_map.tables import Column
from network_map.verify.reports import REPORTS

GOLDEN = Path(__file__).parent.parent / "golden" / "features.json"
Features: TypeAlias = dict[str, dict[str, str]]
"""By sort of feature: each by its name, with what is promised of it."""

FULL_LINK: Mapping[str, str] = {
    "v": "2",
    "dataset": "public",
    "lang": "en",
    "prefecture": "530600",
    "level": "prefecture",
    "classes": "own_breaks",
    "k": "4",
    "breaks": "10,20",
    "county": "530627",
    "side": "both",
    "measure": "number",
    "by": "prefecture",
    "period": "quarter",
    "year": "2024",
    "part": "2",
    "kind": "development,service",
    "field": "energy",
    "picture": "flows",
    "gap_map": "verdict",
    "gap_tier": "provincial_market",
    "gap_km": "sub_market:120",
    "gap_rule": "sub_market:nearest",
    "gap_method": "geodesic_x_circuity",
    "weights": "coverage_first",
    "years": "5",
    "seed": "7",
    "nested": "1",
    "own_tier": "1",
    "odds": "gdp",
    "compare": "530102",
    "view": "contract_coverage",
    "layers": "sub_market,flows",
    "only_gaps": "1",
    "gaps": "no_centre,unknown",
    "next": "sub_market",
    "next_place": "530400",
    "index": "output_rate",
    "index_map": "cluster",
    "consortium": "consortium-3",
    "reach_km": "50",
}
"""An address in which everything differs from the usual; ``several`` excludes ``nested``."""
SEVERAL_LINK: Mapping[str, str] = {
    name: value for name, value in {**FULL_LINK, "several": "1"}.items() if name != "nested"
}


class Address(dict[str, str]):
    """The address of a session, as Streamlit has it."""

    def from_dict(self, parameters: Mapping[str, str]) -> None:
        """Take other parameters."""
        self.clear()
        self.update(parameters)


def address_after(link: Mapping[str, str]) -> dict[str, str]:
    """Return the address that a session writes after it has read one."""
    address = Address(link)
    with patch.object(st, "query_params", address), patch.object(st, "session_state", {}):
        state.start_session(load_settings({}))
        context = known_codes(open_places(), open_dataset(link["dataset"]))
        state.start_query(GapQuery, open_places(), context)
        problems = st.session_state["link_problems"]
        assert list(problems) == [], problems
        address.clear()
        state.write_link(context)
    return dict(address)


def features() -> Features:
    """Return everything that the application has now."""
    return {
        "page": dict(_pages()),
        "command": dict(_commands(argument_parser("en"), "network-map")),
        "table": {name: _table(name) for name in TABLES},
        "column": {
            f"{table.name}.{column.name}": _column(column)
            for table in TABLES.values()
            for column in table.columns
        },
        "report": {name: f"version {REPORT_VERSIONS[name]}" for name in REPORTS},
        "report parameter": {
            f"{name}.{parameter}": expected
            for name, report in REPORTS.items()
            for parameter, expected in report.parameters.items()
        },
        "link parameter": {name: page for page, names in _links() for name in names},
    }


def _pages() -> Iterator[tuple[str, str]]:
    with patch.object(frame, "text", _key), patch.object(st, "Page", _page):
        for group, names in frame._GROUPS:
            for place, name in enumerate(names, start=1):
                under = f"in nav.{group}" if group else "at the top"
                yield name, f"{frame._page(name, 'zh')} {under}, place {place}"


def _key(key: str, _: str) -> str:
    return key


def _page(script: Path, *, title: str, url_path: str, default: bool) -> str:
    file = script.relative_to(app_root()).as_posix()
    exists = "" if script.is_file() else " (no such file)"
    return f"{file}{exists} titled {title} at /{url_path}{' by default' if default else ''}"


def _commands(parser: ArgumentParser, name: str) -> Iterator[tuple[str, str]]:
    """Yield each command and each of its options."""
    groups = {id(o): n for n, g in enumerate(parser._mutually_exclusive_groups, 1)
              for o in g._group_actions}  # fmt: skip
    yield name, "a command"
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for sub, below in action.choices.items():
                yield from _commands(below, f"{name} {sub}")
            continue
        words = {
            "is": type(action).__name__.strip("_").removesuffix("Action").lower(),
            "choices": None if action.choices is None else " | ".join(map(str, action.choices)),
            "required": action.required or None,
            "default": None if action.default == SUPPRESS else action.default,
            "metavar": action.metavar,
            "type": getattr(action.type, "__name__", None),
            "excludes": groups.get(id(action)),
        }  # fmt: skip
        told = "; ".join(f"{key} {value}" for key, value in words.items() if value is not None)
        yield f"{name} {', '.join(action.option_strings) or action.dest}", told


def _table(name: str) -> str:
    table = TABLES[name]
    files = [file for file, declared in SHIPPED.items() if declared is table]
    columns = ", ".join(column.name for column in table.columns)
    shape = " with a geometry" if table.has_geometry else ""
    shipped = f", shipped as {', '.join(files)}" if files else ""
    return f"key ({', '.join(table.key)}){shape}{shipped}: {columns}"


def _column(column: Column) -> str:
    codes = f" of {' | '.join(map(str, column.codes))}" if column.codes else ""
    unit = f" in {column.unit}" if column.unit else ""
    bounds = [f"{n:g}" if n is not None else "" for n in (column.minimum, column.maximum)]
    within = f" within {'–'.join(bounds)}" if any(bounds) else ""
    return f"{column.type}{codes}{unit}{within}{', required' if column.is_required else ''}"


def _links() -> Iterator[tuple[str, list[str]]]:
    queries: Mapping[str, type[AreaQuery]] = {
        "gaps": GapQuery,
        "contracts": ContractQuery,
        "indices": IndexQuery,
        "consortia": ConsortiumQuery,
    }
    told: set[str] = set()
    for page, query in queries.items():
        names = [part.link for part in parameters_of(query) if part.link and part.link not in told]
        told.update(names)
        yield page, names
    yield "every page", [name for name in address_after(FULL_LINK) if name not in told]


# --- the freeze ---------------------------------------------------------------------------------


def kept() -> Features:
    """Return what was kept."""
    found: Features = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def differences(old: Features, new: Features) -> list[str]:
    """Return a sentence for each feature that disappeared, appeared or is another."""
    found = []
    for sort in {**old, **new}:
        was, now = old.get(sort, {}), new.get(sort, {})
        found += [f"The {sort} {name} disappeared." for name in was if name not in now]
        found += [f"The {sort} {name} appeared." for name in now if name not in was]
        found += [
            f"The {sort} {name} was ‘{was[name]}’ and is ‘{now[name]}’."
            for name in was
            if name in now and was[name] != now[name]
        ]
    return found


def main() -> None:
    """Keep the present list."""
    written = json.dumps(features(), ensure_ascii=False, indent=1)
    GOLDEN.write_text(f"{written}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
