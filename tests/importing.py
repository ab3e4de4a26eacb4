"""A list brought into a workspace in one call, as a command does it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from network_map.contracts.importing.apply import RegisterImport, contract_import, payment_import
from network_map.contracts.importing.reading import ContractOptions
from network_map.datasets.imports import NodeImport, node_import, preview_node_list
from network_map.listfiles.preview import MOST_DESCRIBED
from network_map.nodes.importing.preview import NodeListOptions, NodeListReference
from network_map.places.gazetteer import Gazetteer
from network_map.workspace.imports import ImportOutcome, carried_out

NodeOutcome = ImportOutcome[NodeImport]
RegisterOutcome = ImportOutcome[RegisterImport]


def bring_nodes(  # noqa: PLR0913 - the keywords of one request
    file: Path | bytes,
    workspace: Path,
    *,
    file_name: str | None = None,
    options: NodeListOptions | None = None,
    complete: Sequence[str] = (),
    confirm: bool = False,
    skip_rows: bool = False,
    today: date | None = None,
    reference: NodeListReference | None = None,
) -> NodeOutcome:
    """Preview a list of nodes and apply it, if it is confirmed and may be."""
    preview = preview_node_list(file, file_name, options, workspace=workspace, reference=reference)
    plan = node_import(preview, workspace, complete=complete, today=today)
    return carried_out(plan, workspace, confirm=confirm, skip_rows=skip_rows, who="测试")


def bring_contracts(  # noqa: PLR0913 - the keywords of one request
    file: Path | bytes,
    workspace: Path,
    *,
    payments: bool = False,
    file_name: str | None = None,
    options: ContractOptions | None = None,
    replaces_known: bool = False,
    confirm: bool = False,
    skip_rows: bool = False,
    gazetteer: Gazetteer | None = None,
    most_described: int = MOST_DESCRIBED,
) -> RegisterOutcome:
    """Preview a list of contracts or payments and apply it, if it is confirmed and may be."""
    if payments:
        plan = payment_import(
            file, file_name, options, workspace=workspace, most_described=most_described
        )
    else:
        plan = contract_import(
            file, file_name, options, workspace=workspace, replaces_known=replaces_known,
            gazetteer=gazetteer, most_described=most_described,
        )  # fmt: skip
    return carried_out(plan, workspace, confirm=confirm, skip_rows=skip_rows)
