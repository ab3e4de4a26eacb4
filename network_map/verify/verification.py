"""An earlier export held against its own recipe: 一致, or what differs and why.

Nothing in the file is trusted. Its recipe is checked like any other question, the rows are
derived again, written again in the same format, and both are compared cell by cell. The hashes
in its description only tell why they differ: because the file was edited, or because the data
or the program have changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from network_map.errors import (
    DamagedFileError,
    FileFormatError,
    NetworkMapError,
    Problem,
    QueryError,
    Severity,
    WorkspaceError,
)
from network_map.export import (
    META_ENDING,
    Bundle,
    Grid,
    Reading,
    Recipe,
    column_heading,
    file_bytes,
    file_name,
    format_of,
    is_sealed,
    meta_bytes,
    meta_grid,
    parsed_meta,
    read_file,
    read_recipe,
)
from network_map.i18n import error_text
from network_map.nodes.dataset import REPORT_VERSIONS, Dataset
from network_map.places.reference import Places
from network_map.verify.comparison import differences, shown
from network_map.verify.reports import Contracts, derive, no_contracts
from network_map.version import __version__

_SHEETED = frozenset({"csv", "xlsx", "html"})
"""Formats with headings for people; the others carry the names of the columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """An export as it was found, with what it says of itself.

    Parameters
    ----------
    file_name
        Its name.
    format_name
        Its format, by its content.
    reading
        Its cells.
    meta
        Its description.
    recipe
        How it says to derive it.
    recorded_sha256
        The hash that its description gives for it, None where there is none.
    """

    file_name: str
    format_name: str
    reading: Reading = field(repr=False)
    meta: Mapping[str, Any] = field(repr=False)
    recipe: Recipe
    recorded_sha256: str | None

    @property
    def is_edited(self) -> bool:
        """Whether the file is not the one that was written."""
        if self.format_name == META_ENDING:
            return not is_sealed(self.meta)
        return self.reading.body_sha256 != self.recorded_sha256 or not is_sealed(self.meta)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    Parameters
    ----------
    findings
        What differs, in the order of the file.
    notes
        Why, and what is worth knowing besides.
    row_count
        Rows of the derivation; None if it could not be made.
    """

    findings: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    row_count: int | None = None

    @property
    def is_same(self) -> bool:
        """Whether every row and sentence was derived again."""
        return not self.findings


def read_claim(data: bytes, name: str, sidecar: bytes | None = None) -> Claim:
    """Return what an export says of itself.

    Parameters
    ----------
    data, name
        Content and name of the file.
    sidecar
        Content of the description beside it; only a CSV file needs one.

    Raises
    ------
    FileFormatError
        If it is no export of this program, has no recipe, or asks too much of the machine.
    """
    format_name = format_of(data)
    meta = parsed_meta(sidecar) if sidecar is not None and format_name == "csv" else None
    if format_name == "csv" and meta is None:
        raise FileFormatError("verify_not_ours")
    reading = read_file(data, format_name)
    meta = meta or reading.meta
    if meta is None:
        raise FileFormatError("verify_not_ours")
    if meta.get("recipe") is None:
        raise FileFormatError("verify_no_recipe", file=name)
    recorded = meta.get("body_sha256") if format_name != "csv" else _csv_sha256(meta)
    return Claim(
        PurePath(name).name,
        format_name,
        reading,
        meta,
        read_recipe(meta["recipe"]),
        recorded if isinstance(recorded, str) else None,
    )


def verify(
    claim: Claim, places: Places, dataset: Dataset, *, contracts: Contracts = no_contracts
) -> Verification:
    """Return whether an export agrees with a new derivation, and if not, where and why.

    Parameters
    ----------
    claim
        What :func:`read_claim` returned.
    places
        The reference tables.
    dataset
        The data set of the recipe: a shipped one, or the workspace's snapshot.
    contracts
        Opens a version of the contract register of the data set, current or not.
    """
    recipe = claim.recipe
    if (dataset.name, dataset.dataset_id) != (recipe.dataset_name, recipe.dataset_id):
        found = f"{recipe.dataset_name} {recipe.dataset_id}"
        opened = f"{dataset.name} {dataset.dataset_id}"
        return _failed(claim, Problem("verify_dataset", value=found, fix=opened))
    try:
        bundle = derive(recipe, places, dataset, contracts=contracts)
    except QueryError as error:
        return _failed(claim, _because("verify_not_derivable", claim, error))
    except (DamagedFileError, WorkspaceError) as error:
        return _failed(claim, _because("verify_register", claim, error))
    derived = _derived(claim, bundle)
    problems = [
        *_inputs(claim, bundle),
        *(Problem("verify_formula", values={"part": cell}) for cell in claim.reading.formulas),
        *differences(_grids(claim), derived, key=_key(claim, bundle)),
    ]
    if claim.format_name == META_ENDING:
        problems += _data_files(claim, bundle)
    return _judged(claim, bundle, problems)


def not_opened(claim: Claim, error: WorkspaceError | DamagedFileError) -> Verification:
    """Return the finding that the version of the recipe is damaged, or not there."""
    if isinstance(error, DamagedFileError):
        return _failed(claim, _because("verify_snapshot_damaged", claim, error))
    values = {"folder": error.values.get("path", ""), "known": error.values.get("known", "")}
    missing = Problem("verify_snapshot_missing", value=claim.recipe.dataset_id, values=values)
    return _failed(claim, missing)


def _because(code: str, claim: Claim, error: NetworkMapError) -> Problem:
    language = "en" if claim.recipe.language == "en" else "zh"
    return Problem(code, values={"reason": error_text(error, language)})


def _failed(claim: Claim, *findings: Problem) -> Verification:
    edited = [] if is_sealed(claim.meta) else [_note("verify_meta_edited")]
    return Verification(findings, tuple(edited))


def _judged(claim: Claim, bundle: Bundle, problems: list[Problem]) -> Verification:
    software = claim.recipe.software
    notes = []
    if software != __version__:
        notes.append(_note("verify_software", value=shown(software), fix=__version__))
    version = REPORT_VERSIONS[claim.recipe.report]
    if claim.recipe.version != version:
        values = {"part": claim.recipe.report}
        found = str(claim.recipe.version)
        notes.append(
            Problem("verify_report_version", Severity.NOTE, value=found, fix=str(version),
                    values=values)
        )  # fmt: skip
    if not claim.is_edited and software != __version__:
        # Another version draws another map around the same rows: no difference of the data.
        notes += [p for p in problems if p.code == "verify_document"]
        problems = [p for p in problems if p.code != "verify_document"]
    if not is_sealed(claim.meta):
        problems.append(Problem("verify_meta_edited"))
    if claim.is_edited and claim.format_name != META_ENDING:
        notes.append(_note("verify_edited" if problems else "verify_resaved"))
    elif problems and not claim.is_edited:
        notes.append(_note("verify_unedited"))
    return Verification(tuple(problems), tuple(notes), len(bundle.table))


def _note(code: str, *, value: str = "", fix: str | None = None) -> Problem:
    return Problem(code, Severity.NOTE, value=value, fix=fix)


def _grids(claim: Claim) -> tuple[Grid, ...]:
    if claim.format_name == META_ENDING:
        return claim.reading.grids
    return (*claim.reading.grids, meta_grid(claim.meta))


def _derived(claim: Claim, bundle: Bundle) -> tuple[Grid, ...]:
    """Return the tables of the file as it would be written now."""
    reading = read_file(file_bytes(bundle, claim.format_name), claim.format_name)
    if claim.format_name == META_ENDING:
        return reading.grids
    meta = reading.meta or parsed_meta(meta_bytes(bundle)) or {}
    return (*reading.grids, meta_grid(meta))


def _key(claim: Claim, bundle: Bundle) -> list[str]:
    columns = [bundle.declaration.column(name) for name in bundle.declaration.key]
    if claim.format_name in _SHEETED:
        return [column_heading(column, bundle.language) for column in columns]
    return [column.name for column in columns]


def _inputs(claim: Claim, bundle: Bundle) -> list[Problem]:
    """Return the input files that are not what they were when the file was written."""
    recorded = claim.meta.get("created_from")
    told = recorded if isinstance(recorded, dict) else {}
    now = bundle.created_from
    return [
        Problem(
            "verify_input", value=shown(str(told.get(name, "—"))[:12]),
            fix=now.get(name, "—")[:12], values={"part": shown(name)},
        )
        for name in sorted({*map(str, told), *now})
        if told.get(name) != now.get(name)
    ]  # fmt: skip


def _csv_sha256(meta: Mapping[str, Any]) -> object:
    """Return the hash that a description gives for its CSV file."""
    return next((entry["sha256"] for entry in _entries(meta) if entry["format"] == "csv"), None)


def _entries(meta: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return name, format and hash of each data file that a description names."""
    listed = meta.get("data_files")
    entries = (
        [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    )
    return [
        {
            "name": str(entry.get("name")),
            "format": PurePath(str(entry.get("name"))).suffix.removeprefix(".").lower(),
            "sha256": str(entry.get("sha256")),
        }
        for entry in entries
    ]


def _data_files(claim: Claim, bundle: Bundle) -> list[Problem]:
    """Return the data files of a description that would be other files now."""
    problems = []
    for entry in _entries(claim.meta):
        try:
            data = file_bytes(bundle, entry["format"])
        except QueryError:
            problems.append(Problem("verify_part_extra", values={"part": shown(entry["name"])}))
            continue
        slip = parsed_meta(meta_bytes(bundle, {file_name(bundle, entry["format"]): data})) or {}
        now = _entries(slip)[0]["sha256"]
        if now != entry["sha256"]:
            problems.append(
                Problem(
                    "verify_file_hash", value=shown(entry["sha256"][:12]), fix=now[:12],
                    values={"part": shown(entry["name"])},
                )
            )  # fmt: skip
    return problems
