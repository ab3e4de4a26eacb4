"""Opening data sets, and bringing a planner's own lists into a workspace."""

from network_map.schema.dataset import Dataset, Places
from network_map.sources.node_kinds import NewKind, parse_new_kind
from network_map.sources.node_list import (
    NodeListOptions,
    NodeListPreview,
    NodeListReference,
    suggested_answers,
)
from network_map.store.register import JournalEntry, Move, has_register, history, roll_back
from network_map.workspace.claims import CompleteClaim, parse_complete
from network_map.workspace.contract_import import (
    RegisterImport,
    apply_register_import,
    import_totals,
    open_divisions,
    preview_contract_list,
    preview_payment_list,
)
from network_map.workspace.contract_load import current_contract_counts, load_register
from network_map.workspace.contract_options import contract_options
from network_map.workspace.contract_outcome import (
    RegisterOutcome,
    run_contract_import,
    totals_sentences,
)
from network_map.workspace.datasets import open_dataset, open_snapshot
from network_map.workspace.node_import import (
    SnapshotInfo,
    apply_node_list,
    preview_node_list,
)
from network_map.workspace.options import import_options
from network_map.workspace.outcome import ImportOutcome, run_import
from network_map.workspace.places import open_places, open_reference
from network_map.workspace.versions import current_snapshot

__all__ = [
    "CompleteClaim",
    "Dataset",
    "ImportOutcome",
    "JournalEntry",
    "Move",
    "NewKind",
    "NodeListOptions",
    "NodeListPreview",
    "NodeListReference",
    "Places",
    "RegisterImport",
    "RegisterOutcome",
    "SnapshotInfo",
    "apply_node_list",
    "apply_register_import",
    "contract_options",
    "current_contract_counts",
    "current_snapshot",
    "has_register",
    "history",
    "import_options",
    "import_totals",
    "load_register",
    "open_dataset",
    "open_divisions",
    "open_places",
    "open_reference",
    "open_snapshot",
    "parse_complete",
    "parse_new_kind",
    "preview_contract_list",
    "preview_node_list",
    "preview_payment_list",
    "roll_back",
    "run_contract_import",
    "run_import",
    "suggested_answers",
    "totals_sentences",
]
