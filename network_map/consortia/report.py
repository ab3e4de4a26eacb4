"""The tables of the consortia page, ready for files."""

import pandas as pd

from network_map.consortia.answer import (
    ConsortiumAnswer,
    ConsortiumQuery,
    MemberContracts,
    consortium_answer,
)
from network_map.consortia.tables import (
    CONSORTIA,
    CONSORTIUM_FIT,
    MEMBER_LIST,
    consortium_names,
    consortium_tables,
)
from network_map.datapackage import read_table
from network_map.export import Bundle
from network_map.i18n import text
from network_map.nodes.dataset import Dataset, input_hashes, made_by
from network_map.places.reference import Places, dataset_label, place_names, source_lines
from network_map.places.tables import DATA_SOURCES
from network_map.query import recipe_parameters
from network_map.reach.cost import CostMatrix
from network_map.reach.roads import ROAD_TABLES, ROADS_SOURCE
from network_map.tables.check import conform
from network_map.terms import ConsortiumRole, DatasetName, FitVerdict, Origin, Presence


def member_table(
    places: Places,
    dataset: Dataset,
    members: pd.DataFrame,
    contracts: MemberContracts | None,
    *,
    language: str,
) -> pd.DataFrame:
    """Return the members of a consortium as ``consortium_member_list``.

    Parameters
    ----------
    places, dataset
        The reference tables and the open data set.
    members
        Rows of ``consortium_members``.
    contracts
        What the register says of them; without one the numbers stay empty.
    language
        ``zh`` or ``en``.
    """
    names = place_names(places.divisions, language)
    unknown = text("consortium.unknown_place", language)
    outside = text("consortium.outside_place", language)
    where = members["adcode"].map(names).fillna(
        members["is_outside_province"].map({True: outside, False: unknown})
    )  # fmt: skip
    shown = members.assign(
        field_name=members["consortium_id"].map(consortium_names(dataset, language)),
        role_name=members["role"].map(_words("consortium_role", ConsortiumRole, language)),
        place_name=where,
        prefecture_name=members["prefecture_adcode"].map(names),
    )
    if contracts is not None:
        shown = shown.merge(contracts.counts, how="left", on="member_name", validate="one_to_one")
    return conform(MEMBER_LIST, shown)


def fit_bundle(
    places: Places, dataset: Dataset, cost: CostMatrix, *, query: ConsortiumQuery
) -> Bundle:
    """Return the verdict of every county of the shown area as a bundle."""
    language = query.language
    answer = consortium_answer(places, dataset, cost, query=query)
    area = place_names(places.divisions, language)[query.area_adcode]
    standard = text("consortium.export.standard_value", language, standard=f"{query.standard_km:g}")
    return Bundle(
        table=answer.fit,
        declaration=CONSORTIUM_FIT,
        title=text("consortium.export.counties", language, name=answer.name, area=area),
        language=language,
        filters=(
            (text("consortium.choose", language), answer.name),
            (text("filter.prefecture", language), area),
            (text("consortium.export.standard", language), standard),
        ),
        method_notes=(
            text("consortium.method.verdict", language),
            text("consortium.method.unknown", language),
            text("consortium.method.severity", language),
            text("consortium.method.distance", language),
        ),
        sources=_sources(
            pd.concat(
                [answer.members["source"], consortium_tables(dataset).county_industry["source"]]
            ),
            language,
            ROADS_SOURCE,
        ),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=fit_stem(dataset, query),
        words={
            "industry_presence": _words("presence", Presence, language),
            "fit_verdict": _words("fit_verdict", FitVerdict, language),
        },
        created_from={
            **consortium_tables(dataset).input_sha256,
            **input_hashes(dataset, "divisions", "county_seats", "data_sources", *ROAD_TABLES),
        },
        method_versions={"consortium_fit": 1},
        recipe=made_by(
            dataset,
            "consortium_fit",
            recipe_parameters(query),
            language=language,
        ),
    )


def fit_stem(dataset: Dataset, query: ConsortiumQuery) -> str:
    """Return the name of the verdicts' file without its ending."""
    return f"consortium_fit_{dataset.name}_{query.consortium_id}_{query.area_adcode}"


def member_bundle(
    places: Places,
    dataset: Dataset,
    answer: ConsortiumAnswer,
    contracts: MemberContracts | None,
    *,
    language: str,
) -> Bundle:
    """Return the members of a consortium as a bundle."""
    return Bundle(
        table=member_table(places, dataset, answer.members, contracts, language=language),
        declaration=MEMBER_LIST,
        title=text("consortium.export.members", language, name=answer.name),
        language=language,
        filters=((text("consortium.choose", language), answer.name),),
        method_notes=(text("consortium.method.members", language),),
        sources=_sources(answer.members["source"], language),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=f"consortium_members_{dataset.name}",
        words={"origin": _words("origin", Origin, language)},
        created_from=dict(consortium_tables(dataset).input_sha256),
    )


def consortium_bundle(dataset: Dataset, *, language: str) -> Bundle:
    """Return the consortia of a data set, what is known of each, as a bundle."""
    table = consortium_tables(dataset).consortia
    is_public = dataset.name == DatasetName.PUBLIC
    return Bundle(
        table=table,
        declaration=CONSORTIA,
        title=text("consortium.export.list", language),
        language=language,
        method_notes=(text("consortium.public_note", language),) if is_public else (),
        sources=_sources(table["source"], language),
        dataset_label=dataset_label(dataset.name, language),
        is_demo=dataset.is_demo,
        file_stem=f"consortia_{dataset.name}",
        words={"origin": _words("origin", Origin, language)},
        created_from=dict(consortium_tables(dataset).input_sha256),
        recipe=made_by(dataset, "consortia", {}, language=language),
    )


def _words(
    family: str, codes: type[ConsortiumRole | FitVerdict | Origin | Presence], language: str
) -> dict[str, str]:
    return {code.value: text(f"term.{family}.{code.value}", language) for code in codes}


def _sources(cells: pd.Series, language: str, *further: str) -> tuple[str, ...]:
    named = [*cells.dropna(), *further]
    return source_lines(named, read_table(DATA_SOURCES), language=language)
