"""Every file that the application hands out, with what was asked for: the freeze of its results.

``python -m tests.house.golden_exports --freeze`` keeps today's hashes in ``golden/exports.json``;
``--write FOLDER`` writes the contents themselves, so that those of two checkouts can be compared
with ``diff -r``. ``--only demo/gaps`` takes a part, ``--check`` compares without pytest.

All that is known of the inside of the package stands in the imports: a report is asked for by its
name and parameters, a contract question by its link, a command by its words.
"""

import io
import json
import os
import shlex
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias
from unittest.mock import patch

import pandas as pd

from network_map import __version__
from network_map.cli import main as network_map
from network_map.config import load_settings
from network_map.consortia.answer import ConsortiumQuery, consortium_answer, member_contracts
from network_map.consortia.report import member_bundle
from network_map.contracts import report as contract_files
from network_map.contracts.importing.words import contract_template_bytes
from network_map.contracts.query import ContractQuery, span_of
from network_map.contracts.register.engine import OpenContracts
from network_map.contracts.register.open import open_contract_register
from network_map.contracts.tables import POLICY_INDICATORS
from network_map.contracts.target import (
    published_bundle,
    published_figures,
    subsidy_table,
    target_of,
    target_progress,
)
from network_map.datapackage import read_table
from network_map.datasets import known_codes, open_dataset
from network_map.datasets.imports import preview_node_list, problem_bundle, template_bundle
from network_map.export import META_ENDING, Bundle, Recipe, file_bytes, formats_of
from network_map.gaps.answer import inputs_of
from network_map.gaps.ask_first import call_bundle, calls_of
from network_map.gaps.facts import GapFacts, register_facts
from network_map.gaps.next_node import loss_bundle
from network_map.gaps.query import GapQuery
from network_map.gaps.report import facts_of
from network_map.methods import MethodFacts, methods_document
from network_map.nodes.dataset import REPORT_VERSIONS, Dataset
from network_map.nodes.layers import hierarchy_table
from network_map.places.reference import Places, open_places
from network_map.query import query_of_link
from network_map.reach.roads import county_cost, open_roads
from network_map.verify.reports import REPORTS, derive
from tests.house.golden_content import Frozen, content_of, frozen
from tests.house.golden_screens import SCREENS, screens

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "exports.json"
FIXTURES = ROOT / "tests" / "fixtures"
DATASETS, LANGUAGES = ("demo", "public"), ("zh", "en")
LIST = ("csv", META_ENDING)
Files: TypeAlias = Iterator[tuple[str, bytes, int | None]]
"""Name with its ending, content, and the number of rows where it is a table."""

# --- what is asked for --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variant:
    """A question to a report.

    Parameters
    ----------
    parameters
        What differs from the first question to that report.
    is_whole
        Whether every format is written, not the list alone.
    """

    parameters: Mapping[str, Any]
    is_whole: bool = False


PREFECTURE = Variant({"prefecture": "530600"}, is_whole=True)
FIRST: Mapping[str, Any] = {
    "prefecture": None,
    "kinds": None,
    "consortium": "consortium-1",
    "standard_km": 100.0,
    "index": "sub_market_access",
    "standards_km": {
        "sub_market": 150.0, "demonstration_county": 100.0, "provincial_market": 300.0,
    },
    "rules": {
        "sub_market": "own_prefecture", "demonstration_county": "nearest",
        "provincial_market": "nearest",
    },
    "method": "road_network_km",
    "weights": {"presence": 0.3, "reach": 0.3, "activity": 0.25, "consortium": 0.15},
    "years": 3,
    "seed": 1,
    "draws": 2000,
    "one_per_place": True,
    "nested": False,
    "odds": "even",
    "higher_tier_serves": True,
    "view": "gap_type",
    "layers": ["provincial_market", "sub_market", "demonstration_county"],
    "only_gaps": False,
    "gap_filter": [],
    "level": "county",
    "next_kind": "none",
    "next_place": None,
    "made_on": None,
    "kind": "sub_market",
    "model": "mclp",
    "count": 3,
    "rule": None,
    "band": "usual",
    "demand": "counties",
    "excluded": [],
    "closed": [],
    "added": [],
    "most_per_prefecture": 0,
    "seconds": 3600,
    "evidence": False,
}  # fmt: skip
"""The first question, by parameter: the usual one, of the whole province."""
REGISTERS = {"demo": "demo-2024", "public": None}
_FEW = {"draws": 200}
VARIANTS: Mapping[str, Mapping[str, Variant]] = {
    "nodes": {
        "530600": PREFECTURE,
        "two_kinds": Variant({"kinds": ["sub_market", "county_centre"]}),
        "no_kind": Variant({"kinds": []}),
    },
    "county_overview": {"530600": PREFECTURE},
    "consortium_fit": {
        "530600": Variant({"prefecture": "530600", "standard_km": 50.0}),
        **{f"{n}": Variant({"consortium": f"consortium-{n}"}) for n in range(2, 6)},
    },
    "consortia": {},
    "gaps": {
        "530600": PREFECTURE,
        "standards": Variant(
            {
                "standards_km": {
                    "sub_market": 120.0, "demonstration_county": 60.5, "provincial_market": 300.0,
                },
                "rules": {
                    "sub_market": "nearest", "demonstration_county": "own_prefecture",
                    "provincial_market": "nearest",
                },
                **_FEW,
            }
        ),
        "geodesic": Variant({"method": "geodesic_x_circuity", **_FEW}),
        "weights": Variant(
            {
                "weights": {"presence": 0.1, "reach": 0.2, "activity": 0.0, "consortium": 0.7},
                "seed": 7, "years": 5, **_FEW,
            }
        ),
        "several": Variant({"one_per_place": False, **_FEW}),
        "nested": Variant({"nested": True, "odds": "people", **_FEW}),
        "gdp": Variant({"odds": "gdp", **_FEW}),
        "demonstration": Variant(
            {"view": "demonstration_county", "only_gaps": True, "made_on": "2026-11-30", **_FEW}
        ),
        "coverage": Variant({"view": "contract_coverage", "gap_filter": ["out_of_reach"], **_FEW}),
        "prefectures": Variant({"level": "prefecture", "view": "sub_market", **_FEW}),
        "next": Variant({"next_kind": "sub_market", **_FEW}),
        "next_place": Variant(
            {"next_kind": "demonstration_county", "next_place": "532529", **_FEW}
        ),
        "own_tier": Variant({"higher_tier_serves": False, **_FEW}),
    },
    "site_plan": {
        "counties": Variant(
            {
                "kind": "demonstration_county", "demand": "residents", "excluded": ["532500"],
                "most_per_prefecture": 1, "made_on": "2026-11-30", **_FEW,
            }
        ),
        "what_if": Variant({"closed": ["530600"], "added": ["530800"], "count": 2, **_FEW}),
        "p_median": Variant({"model": "p_median", "demand": "gdp", "count": 2, **_FEW}),
        "lscp": Variant({"model": "lscp", "rule": "nearest", "standard_km": 200.0, **_FEW}),
        "evidence": Variant({"demand": "residents", "evidence": True, "count": 1, **_FEW}),
    },
    "county_index": {
        "530600": Variant({"prefecture": "530600", "index": "output_rate"}, is_whole=True),
        "demonstration": Variant({"index": "demonstration_access"}),
        "absorption": Variant({"index": "absorption_rate"}),
        "output": Variant({"index": "output_rate"}),
    },
    "index_groups": {
        "demonstration": Variant({"index": "demonstration_access"}),
        "absorption": Variant({"index": "absorption_rate"}),
        "output": Variant({"index": "output_rate"}),
    },
    "reconciliation": {"530600": PREFECTURE},
    "roll": {"530600": PREFECTURE},
    "roll_gaps": {"530600": PREFECTURE},
    "rule_findings": {"530600": PREFECTURE},
}  # fmt: skip
"""The further questions to each report, by name; a report without a line here fails the test."""

CONTRACT_LINKS: Mapping[str, Mapping[str, str]] = {
    "530600": {"prefecture": "530600"},
    "absorption": {"side": "absorption", "by": "prefecture", "year": "2023"},
    "both_quarter": {
        "side": "both", "by": "prefecture", "period": "quarter", "year": "2024", "part": "2",
    },
    "month": {"period": "month", "year": "2025", "part": "11", "measure": "number"},
    "all": {"period": "all", "measure": "technology_value", "by": "prefecture"},
    "kinds": {"kind": "development,service", "field": "energy,agriculture", "side": "both"},
    "per_people": {"measure": "value_per_people", "year": "2024"},
    "per_gdp": {"measure": "value_per_gdp", "by": "prefecture", "side": "absorption"},
}  # fmt: skip
"""What differs from the first question to the contract register, as the link of the page."""

NODE_LISTS = (
    "ambiguous.csv", "coordinates.csv", "dates.csv", "duplicates.csv", "mixed_levels.csv",
    "names_only.csv", "old_names.csv", "sections.csv", "short_names_gbk.csv", "status_words.csv",
    "three_sheets.xlsx", "wrong_codes.csv",
)  # fmt: skip
CONTRACT_LISTS = (
    "changed_and_cancelled.csv", "dates.csv", "four_kinds.csv", "ip_and_plans.csv",
    "money_words.csv", "places.csv", "totals_and_remarks.csv", "two_row_header.xlsx",
    "unit_in_title.csv",
)  # fmt: skip
NODES = (
    "节点名称,节点类型,县(市、区),州(市),状态\n"
    "镇雄中心,县域中心,镇雄县,昭通市,已建\n昭阳中心,县域中心,昭阳区,昭通市,在建\n"
    "威信中心,县域中心,威信县,昭通市,\n昭阳分市场,分市场,昭阳区,昭通市,已建\n"
    "弥勒示范县,示范县,弥勒县,红河州,已建\n"
)
CONTRACTS = (
    "合同登记编号,合同类型,合同额,技术交易额,签订日期,卖方行政区划代码,买方行政区划代码,知识产权\n"
    "1,技术开发,10.5,8,2023-06-01,530102,530602\n2,技术服务,1,1,2023.6.1,532331,530627\n"
    "3,技术转让,20,20,2024年3月5日,530602,310101\n4,技术许可,3.25,3,2024-12-31,530102,530102\n"
)
PAYMENTS = "合同登记编号,服务机构名称,实收金额(元),到账日期\n1,某技术转移中心,100.25,2023-08-01\n"
MEMBERS = (
    "联合体,角色,单位名称,所在县,州市\n锡铟产业创新联合体,牵头,甲某公司,个旧市,红河州\n"
    ",成员,乙某公司,弥勒县,\n,成员,丙某大学,,昆明市\n,成员单位,丁某研究院,北京市,\n"
)
INDUSTRIES = (
    "县,产业,有无\n个旧市,锡铟产业、花卉,有\n路南,锡铟,无\n元阳,锡铟,未知\n镇雄县,锡铟,有\n"
)
WORK = (
    "年度,县(市、区),中心名称,在岗人数,服务次数,促成技术合同数(份)\n"
    "2025年,镇雄县,,3人,0,0\n2025,,昭阳中心,2,14,1\n2025,威信县,,2,,\n2024,镇雄,,,5,1\n"
)
LISTS = {
    "nodes.csv": NODES, "contracts.csv": CONTRACTS, "payments.csv": PAYMENTS,
    "members.csv": MEMBERS, "industries.csv": INDUSTRIES, "work.csv": WORK,
}  # fmt: skip

SHIPPED_COMMANDS: Mapping[str, str] = {
    "check": "check",
    "check_en": "check --json --lang en",
    "nodes": "nodes --out nodes.csv",
    "nodes_geojson": "nodes --dataset public --lang en --prefecture 昆明 --kind 示范县,县域中心 "
    "--out nodes.geojson --meta nodes_slip.json",
    "contracts": "contracts --out contracts.csv",
    "contracts_en": "contracts --lang en --by prefecture --side both --period quarter --year 2024 "
    "--part 3 --measure number --kind development,transfer --field energy "
    "--out contracts_en.geojson",
    "contracts_public": "contracts --dataset public --out no.csv",
    "gaps": "gaps --out gaps.csv",
    "gaps_en": "gaps --dataset public --lang en --prefecture zhaotong --standard sub_market=150 "
    "--rule sub_market=nearest --weights presence=1,reach=1,activity=2,consortium=0 --years 5 "
    "--seed 3 --nested --odds gdp --method geodesic_x_circuity --out gaps_en.csv",
    "gaps_view": "gaps --view demonstration_county --only-gaps --prefecture 昭通市 "
    "--standard demonstration_county=100 --out gaps_view.csv",
    "gaps_next": "gaps --next sub_market --out gaps_next.csv",
    "gaps_several": "gaps --several-per-place --weights 覆盖优先 --out gaps_several.xlsx",
    "indices": "indices --out indices.csv",
    "indices_en": "indices --lang en --index absorption_rate --prefecture 530600 --out index.html",
    "indices_groups": "indices --groups --index output_rate --out groups.csv",
    "verify": "verify nodes.csv",
    "verify_en": "verify gaps_en.csv --json --lang en",
    "wrong_place": "nodes --prefecture 火星 --out no.csv",
    "wrong_kind": "contracts --kind 技术开发,无 --out no.csv",
    "wrong_format": "gaps --format gpkg",
    "wrong_option": "indices --index nonsense",
}
"""Commands on the shipped data; the files that they write are frozen as well."""

OWN_COMMANDS: Mapping[str, str] = {
    "import_nodes": "import nodes nodes.csv --workspace w --complete 县域中心:昭通市@2026-06-30",
    "import_nodes_yes": "import nodes nodes.csv --workspace w --yes --json "
    "--complete 县域中心:昭通市@2026-06-30",
    "import_contracts": "import contracts contracts.csv --workspace w --unit 万元 "
    "--column 合同额=contract_value --yes --json",
    "import_payments": "import payments payments.csv --workspace w --yes --json",
    "import_members": "import consortia members.csv --workspace w --yes --json",
    "import_industries": "import industries industries.csv --workspace w --yes --json",
    "import_work": "import centre-activity work.csv --workspace w --yes --json",
    "nodes": "nodes --dataset w --out own_nodes.csv",
    "contracts": "contracts --dataset w --period all --side both --out own_contracts.csv",
    "gaps": "gaps --dataset w --out own_gaps.xlsx",
    "indices": "indices --dataset w --index output_rate --out own_index.csv",
    "verify": "verify own_gaps.xlsx --workspace w",
    "no_workspace": "nodes --dataset nowhere/at_all --out no.csv",
}
"""Commands on lists of one's own."""

# --- what is opened once ------------------------------------------------------------------------


@cache
def places() -> Places:
    """Return the reference tables."""
    return open_places()


@cache
def dataset_of(name: str) -> Dataset:
    """Return a shipped data set."""
    return open_dataset(name)


@cache
def register() -> OpenContracts:
    """Return the demonstration register."""
    opened = open_contract_register("demo", load_settings({}))
    assert opened is not None
    return opened


def contracts(register_id: str | None) -> OpenContracts | None:
    """Return the register of a recipe."""
    return None if register_id is None else register()


# --- the files ----------------------------------------------------------------------------------


def bundle_files(name: str, bundle: Bundle, formats: Sequence[str] | None = None) -> Files:
    """Yield a bundle in the formats that can hold it, or in some of them."""
    for ending in (*formats_of(bundle), META_ENDING):
        if formats is None or ending in formats:
            yield f"{name}.{ending}", file_bytes(bundle, ending), len(bundle.table)


def table_file(name: str, table: pd.DataFrame) -> Files:
    """Yield a table that stands on a page only."""
    written = table.to_csv(index=False, lineterminator="\n", float_format="%.9g")
    yield f"{name}.csv", written.encode(), len(table)


def report_names() -> set[str]:
    """Return the reports of a data set; those of a register alone stand with the contracts."""
    return {name for name, report in REPORTS.items() if not report.is_of_register}


def report_files(dataset: str, report: str) -> Files:
    """Yield the answers of a report: the first in every format and both languages."""
    for language in LANGUAGES:
        bundle = derived(dataset, report, language, {})
        yield from bundle_files(f"{language}/first", bundle)
    # Everything else once: words of both languages stand in the first answers.
    language = LANGUAGES[DATASETS.index(dataset)]
    for name, variant in VARIANTS[report].items():
        bundle = derived(dataset, report, language, variant.parameters)
        yield from bundle_files(
            f"{language}/{name}", bundle, None if variant.is_whole else LIST
        )  # fmt: skip


def derived(dataset: str, report: str, language: str, different: Mapping[str, Any]) -> Bundle:
    """Return what a recipe derives."""
    first = {**FIRST, "register": REGISTERS[dataset], **different}
    recipe = Recipe(
        report=report,
        version=REPORT_VERSIONS[report],
        parameters={name: first[name] for name in REPORTS[report].parameters},
        dataset_name=dataset,
        dataset_id=dataset,
        language=language,
        software=__version__,
    )
    return derive(recipe, places(), dataset_of(dataset), contracts=contracts)


def contract_bundles(query: ContractQuery) -> Iterator[tuple[str, Bundle]]:
    """Yield what the contract page hands out for a question."""
    opened = register()
    for name in ("place", "cut", "flow", "series", "party"):
        make = getattr(contract_files, f"{name}_bundle")
        yield name, make(opened, places(), query)
    target = target_of(read_table(POLICY_INDICATORS))
    progress = target_progress(opened, target, span_of(query, opened.as_of))
    if progress is not None:
        yield "season", contract_files.season_bundle(opened, places(), query, progress)
    estimate = subsidy_table(opened, query.language)
    if estimate is not None:
        yield "subsidy", contract_files.subsidy_bundle(opened, places(), query, estimate)


def contract_query(link: Mapping[str, str], language: str) -> ContractQuery:
    """Return the question of a link."""
    query, problems = query_of_link(ContractQuery, link, known_codes(places(), dataset_of("demo")))
    assert problems == ()
    return replace(query, language=language)


def contracts_files() -> Files:
    """Yield the files of the contract page."""
    for language in LANGUAGES:
        for name, bundle in contract_bundles(contract_query({}, language)):
            yield from bundle_files(f"{language}/{name}/first", bundle)
    for place, (what, link) in enumerate(CONTRACT_LINKS.items()):
        language = LANGUAGES[place % 2]
        for name, bundle in contract_bundles(contract_query(link, language)):
            yield from bundle_files(f"{language}/{name}/{what}", bundle, LIST)


def published_files() -> Files:
    """Yield the published figures."""
    figures = published_figures()
    for language in LANGUAGES:
        for name in ("province", "prefecture"):
            bundle = published_bundle(figures, name, language)
            yield from bundle_files(f"{language}/{name}", bundle)


def member_files(dataset: str) -> Files:
    """Yield the members of the consortia, with their contracts where there is a register."""
    cost = county_cost(places())
    opened = contracts(REGISTERS[dataset])
    for place, number in enumerate(range(1, 6)):
        language = LANGUAGES[place % 2]
        query = ConsortiumQuery(consortium_id=f"consortium-{number}", language=language)
        answer = consortium_answer(places(), dataset_of(dataset), cost, query=query)
        counted = None if opened is None else member_contracts(opened.register, answer.members)
        bundle = member_bundle(places(), dataset_of(dataset), answer, counted, language=language)
        yield from bundle_files(f"{language}/{number}", bundle)
        if counted is not None:
            yield from table_file(f"{language}/{number}_volumes", counted.volumes)


def gap_list_files(dataset: str) -> Files:
    """Yield the lists beside that of the gaps: losses, and which lists to ask for."""
    known, asked = dataset_of(dataset), facts_asked(dataset)
    inputs = inputs_of(asked(GapQuery()), draws=GapQuery().draws, seed=GapQuery().seed)
    calls = calls_of(asked(GapQuery()), inputs, GapQuery())
    for language in LANGUAGES:
        for area in (None, "530600"):
            query = GapQuery(language=language, prefecture_adcode=area)
            facts = asked(query.facts_part)
            at = f"{language}/{area or 'first'}"
            made = loss_bundle(places(), known, facts, query=query)
            yield from bundle_files(f"{at}_losses", made)
        made = call_bundle(places(), known, calls, query=GapQuery(language=language))
        yield from bundle_files(f"{language}/first_calls", made)


def facts_asked(dataset: str) -> Callable[[GapQuery], GapFacts]:
    """Return what finds the facts of a query, each once."""
    found = register_facts(contracts(REGISTERS[dataset]))

    @cache
    def facts(query: GapQuery) -> GapFacts:
        return facts_of(places(), dataset_of(dataset), found, query=query)

    return facts


def hierarchy_files(dataset: str) -> Files:
    """Yield the lines of the three tiers."""
    yield from table_file("hierarchy", hierarchy_table(places(), dataset_of(dataset), open_roads()))


def paper_files() -> Files:
    """Yield the methods, the empty lists to fill in, and the problems of some filled in."""
    facts = MethodFacts(places(), dataset_of("demo").node_kinds, open_roads())
    for language in LANGUAGES:
        yield f"{language}/methods.md", methods_document(facts, language), None
        yield f"{language}/contract_template.xlsx", contract_template_bytes(language), None
        yield from bundle_files(f"{language}/node_template", template_bundle(language))
    for place, name in enumerate(NODE_LISTS):
        language = LANGUAGES[place % 2]
        preview = preview_node_list(FIXTURES / "node_lists" / name)
        yield from bundle_files(
            f"{language}/problems_{Path(name).stem}", problem_bundle(preview, language)
        )  # fmt: skip


def screen_files(page: str) -> Files:
    """Yield what a page shows."""
    for name, content in screens(page):
        yield f"{name}.txt", content.encode(), None


def command_files(commands: Mapping[str, str], lists: Mapping[str, str]) -> Files:
    """Yield what commands say, one after the other in one folder, and the files they write."""
    with TemporaryDirectory() as named:
        folder = Path(named).resolve()
        for name, content in lists.items():
            (folder / name).write_text(content, encoding="utf-8")
        for name, words in commands.items():
            yield f"{name}.txt", said(folder, shlex.split(words)), None
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.name not in lists:
                yield path.name, path.read_bytes(), None


def import_files() -> Files:
    """Yield what the command line says of lists that are none too clean."""
    lists = [("nodes", name) for name in NODE_LISTS]
    lists += [("contracts", name) for name in CONTRACT_LISTS]
    with TemporaryDirectory() as named:
        folder = Path(named).resolve()
        for place, (what, name) in enumerate(lists):
            source = FIXTURES / f"{what.removesuffix('s')}_lists" / name
            copy(source, folder / name)
            words = ["import", what, name, "--workspace", "w", "--lang", LANGUAGES[place % 2]]
            stem = f"{what}_{Path(name).stem}"
            yield f"{stem}.txt", said(folder, words), None
            yield f"{stem}.json.txt", said(folder, [*words, "--json"]), None


def said(folder: Path, words: Sequence[str]) -> bytes:
    """Return what a command says in a folder: its code, what it prints, what it complains of."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    fixed = patch.dict(os.environ, {"SOURCE_DATE_EPOCH": "1790000000"})
    with fixed, chdir(folder), redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        code = network_map(words)
    parts = [f"$ network-map {' '.join(words)}\n{code}\n"]
    for stream in streams:
        stream.seek(0)
        parts.append(f"== \n{stream.read()}")
    told = "".join(parts).replace(str(folder), "FOLDER").replace(str(ROOT), "ROOT")
    return told.encode()


GROUPS: Mapping[str, Callable[[], Files]] = {
    **{
        f"{dataset}/{report}": partial(report_files, dataset, report)
        for dataset in DATASETS
        for report in VARIANTS
    },
    **{f"{dataset}/gap_lists": partial(gap_list_files, dataset) for dataset in DATASETS},
    **{f"{dataset}/members": partial(member_files, dataset) for dataset in DATASETS},
    **{f"{dataset}/hierarchy": partial(hierarchy_files, dataset) for dataset in DATASETS},
    **{f"screens/{page}": partial(screen_files, page) for page in SCREENS},
    "demo/contracts": contracts_files,
    "published": published_files,
    "papers": paper_files,
    "commands": partial(command_files, SHIPPED_COMMANDS, {}),
    "own": partial(command_files, OWN_COMMANDS, LISTS),
    "imports": import_files,
}
"""The files in groups that can be made each by itself, by name."""


# --- the freeze ---------------------------------------------------------------------------------


def contents_of(group: str) -> Iterator[tuple[str, str, int | None]]:
    """Yield name, content and number of rows of each file of a group."""
    for name, data, rows in GROUPS[group]():
        ending = name.rpartition("/")[2].partition(".")[2]
        yield f"{group}/{name}", content_of(data, ending), rows


def frozen_now(group: str) -> dict[str, Frozen]:
    """Return what is to be kept of each file of a group."""
    return {name: frozen(content, rows) for name, content, rows in contents_of(group)}


def kept() -> dict[str, Frozen]:
    """Return what was kept."""
    listed = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return {name: Frozen(**entry) for name, entry in listed.items()}


def differences(old: Mapping[str, Frozen], new: Mapping[str, Frozen]) -> list[str]:
    """Return a sentence for each file that is gone, new or another."""
    found = [f"{name} is not written any more" for name in old if name not in new]
    found += [f"{name} was not written before" for name in new if name not in old]
    for name in old:
        was, now = old[name], new.get(name, old[name])
        if was.sha256 == now.sha256:
            continue
        parts = [
            f"{what} {getattr(was, what)} → {getattr(now, what)}"
            for what in ("rows", "size")
            if getattr(was, what) != getattr(now, what)
        ]
        found.append(f"{name} says something else: {', '.join(parts) or 'as long as before'}")
    return found


def _freeze(entries: Mapping[str, Frozen]) -> None:
    lines = [f" {json.dumps(name)}: {json.dumps(asdict(e))}" for name, e in sorted(entries.items())]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main() -> None:
    """Freeze, write or compare the files of all groups or of some."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--freeze", action="store_true", help=f"write {GOLDEN.name} anew")
    parser.add_argument("--check", action="store_true", help=f"compare with {GOLDEN.name}")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the contents there")
    parser.add_argument("--only", default="", metavar="GROUP", help="how a group's name begins")
    told = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("NETWORK_MAP_")]:
        del os.environ[name]
    entries = kept() if told.only and GOLDEN.is_file() else {}
    for group in (group for group in GROUPS if group.startswith(told.only)):
        entries = {name: e for name, e in entries.items() if not name.startswith(f"{group}/")}
        for name, content, rows in contents_of(group):
            entries[name] = frozen(content, rows)
            if told.write is not None:
                path = told.write / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8", newline="")
    if told.check:
        sys.stdout.write("\n".join([*differences(kept(), entries), "compared", ""]))
    if told.freeze:
        _freeze(entries)


if __name__ == "__main__":
    main()
