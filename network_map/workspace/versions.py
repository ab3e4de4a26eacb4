"""The versions of a workspace."""

from pathlib import Path

from network_map.store.register import history
from network_map.workspace.node_import import SnapshotInfo


def current_snapshot(workspace: Path) -> SnapshotInfo | None:
    """Return the current version and how it came to be, None for a folder without register.

    Raises
    ------
    DamagedFileError
        If the journal is not what it should be.
    WorkspaceError
        If the workspace cannot be read.
    """
    entries = history(workspace)
    if not entries:
        return None
    last = entries[-1]
    return SnapshotInfo(
        last.snapshot_id,
        last.previous_snapshot_id,
        last.snapshot_id != last.previous_snapshot_id,
        tuple(last.left_out_rows),
    )
