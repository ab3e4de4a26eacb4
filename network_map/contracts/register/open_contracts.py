"""A contract register as it is in use: until when it reaches and where its rows come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from network_map.contracts.register.engine import ContractRegister, fetch
from network_map.contracts.volumes import standing

_EXACT_DATE = 10


@dataclass(frozen=True, eq=False)
class OpenContracts:
    """A contract register ready to be asked.

    Parameters
    ----------
    name
        ``demo`` or ``own``.
    register
        The register.
    as_of
        Its cut-off date: every span to date ends here, never today. None where no contract has
        a date.
    origins, sources
        Where its rows come from, each once, in order.
    is_demo
        Whether its rows are invented: every screen and export then says so.
    created_from
        SHA-256 of each file that the rows were read from, by file name.
    """

    name: str
    register: ContractRegister
    as_of: date | None
    origins: tuple[str, ...]
    sources: tuple[str, ...]
    is_demo: bool
    created_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def register_id(self) -> str:
        """Names the content: the same id, the same answers."""
        return self.register.register_id

    def close(self) -> None:
        """End the connection to the register."""
        self.register.close()


def cut_off_date(register: ContractRegister) -> date | None:
    """Return the latest day on which a contract that stands was signed or registered.

    None where no contract has a date that is exact to the day.
    """
    live = standing(register.contracts)
    found = []
    for name in ("signed_on", "registered_on"):
        exact = live.filter(live[name].length() == _EXACT_DATE)
        latest = fetch(register, exact.agg(latest=exact[name].max()))["latest"].iloc[0]
        found += [str(latest)] if isinstance(latest, str) else []
    return date.fromisoformat(max(found)) if found else None


def origins_and_sources(register: ContractRegister) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the origins and the sources that the rows name, each once."""
    contracts = register.contracts
    rows = fetch(
        register, contracts.group_by(["origin", "source"]).agg(row_count=contracts.count())
    )
    origins, sources = (tuple(sorted(set(rows[name].dropna()))) for name in ("origin", "source"))
    return origins, sources
