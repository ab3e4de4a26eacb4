"""Who moves a register of a workspace, when and with which file: the entry of the journal."""

from datetime import UTC, datetime
from getpass import getuser

from network_map.store.register import Move


def import_move(
    file_name: str,
    file_sha256: str,
    *,
    left_out_rows: tuple[int, ...] = (),
    who: str | None = None,
    at: datetime | None = None,
) -> Move:
    """Return the move that an import makes.

    Parameters
    ----------
    file_name, file_sha256
        The imported file.
    left_out_rows
        Rows of it that are skipped.
    who, at
        The account of the process and the present moment by default.
    """
    moment = at or datetime.now(UTC)
    return Move(
        at=moment.isoformat(timespec="seconds"),
        who=who or _account(),
        source_file=file_name,
        source_sha256=file_sha256,
        left_out_rows=left_out_rows,
    )


def _account() -> str:
    try:
        return getuser()
    except (KeyError, OSError, ImportError):  # no account name, as in some containers
        return ""
