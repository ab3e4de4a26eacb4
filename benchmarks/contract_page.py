"""The questions that the page 合同监测 asks at a rerun, each block of it, timed on a register.

A choice of place, period, side or measure asks for the cuts, the flows and the target anew and
builds map, table and series from counts that are held; a choice of kinds or fields asks for the
counts too. ``first`` asks for everything, the subsidy as well.
"""

import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from network_map.contracts.query import ContractQuery

AS_OF = date(2025, 6, 11)
REPEATS = 5
FIRST, FIELD = "first view", "another technology field"
PAGES = (
    FIRST, "the year under way", "another year", "a quarter", "a month", "both sides, prefectures",
    "one prefecture, absorption", "flows on the map", "another kind", FIELD,
)  # fmt: skip
"""What was chosen."""


def queries() -> Mapping[str, "ContractQuery"]:
    """Return what is asked by each choice."""
    from network_map.contracts.query import (  # noqa: PLC0415 (the other ways need none)
        ContractPeriod,
        ContractPicture,
        ContractQuery,
        ContractSide,
    )
    from network_map.terms import AdminLevel, ContractKind, TechnologyField  # noqa: PLC0415

    asked = (
        ContractQuery(),
        ContractQuery(),
        ContractQuery(year=2023),
        ContractQuery(period=ContractPeriod.QUARTER),
        ContractQuery(period=ContractPeriod.MONTH, year=2024, part=11),
        ContractQuery(side=ContractSide.BOTH, level=AdminLevel.PREFECTURE),
        ContractQuery(prefecture_adcode="530600", side=ContractSide.ABSORPTION),
        ContractQuery(picture=ContractPicture.FLOWS),
        ContractQuery(kinds=(ContractKind.SERVICE,)),
        ContractQuery(fields=(TechnologyField.AGRICULTURE,)),
    )
    return dict(zip(PAGES, asked, strict=True))


def measure_page_here(folder: Path) -> dict[str, float]:
    """Return the quickest time of each choice in this process, in ms."""
    views = _views(folder)
    found = {}
    for name, view in views.items():
        view()
        times = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            view()
            times.append(time.perf_counter() - began)
        found[name] = 1000 * min(times)
    return found


def _views(folder: Path) -> Mapping[str, Callable[[], object]]:
    from network_map.contracts.counts import Choice, Counts, counts_of  # noqa: PLC0415 (the same)
    from network_map.contracts.flows import cut_table, flow_table  # noqa: PLC0415 (the same)
    from network_map.contracts.query import span_of  # noqa: PLC0415 (the same)
    from network_map.contracts.register.engine import (  # noqa: PLC0415 (the same)
        OpenContracts,
        open_register_version,
    )
    from network_map.contracts.register.versions import ContractSnapshot  # noqa: PLC0415 (the same)
    from network_map.contracts.report import contract_monitor  # noqa: PLC0415 (the same)
    from network_map.contracts.tables import POLICY_INDICATORS  # noqa: PLC0415 (the same)
    from network_map.contracts.target import (  # noqa: PLC0415 (the same)
        subsidy_table,
        target_of,
        target_progress,
    )
    from network_map.datapackage import read_table  # noqa: PLC0415 (the same)
    from network_map.places.reference import open_places  # noqa: PLC0415 (the same)

    names = {path.name: "" for path in folder.glob("*.parquet")}
    register = open_register_version(ContractSnapshot("bench", folder, names, {}, "", ""))
    opened = OpenContracts("own", register, AS_OF, ("synthetic",), ("bench",), is_demo=False)
    places = open_places()

    def counted(query: "ContractQuery") -> Counts:
        return counts_of(opened, Choice(query.kinds, query.fields))

    held = counted(queries()["the year under way"])

    def view(name: str, query: "ContractQuery") -> object:
        counts = held
        if name == FIRST or query.kinds or query.fields:
            counts = counted(query)
        if name == FIRST:
            subsidy_table(opened, query.language)
        span = span_of(query, opened.as_of)
        cuts = cut_table(opened, places, query, span)
        flows = flow_table(opened, places, query, span)
        target = target_progress(opened, target_of(read_table(POLICY_INDICATORS)), span)
        return contract_monitor(opened, counts, places, flows, query=query), cuts, target

    return {
        name: lambda name=name, query=query: view(name, query)  # type: ignore[misc]  # its own values
        for name, query in queries().items()
    }
