"""Contracts of a consortium's members: inside it, out of it, into it, and by member."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from network_map.consortia.tables import MEMBER_VOLUMES
from network_map.contracts.contract_members import member_contract_counts, member_volumes
from network_map.contracts.register.engine import ContractRegister, fetch
from network_map.tables.check import conform
from network_map.terms import ContractDirection

_NARROW = str.maketrans("\uff08\uff09", "()")
_WIDE = str.maketrans("()", "\uff08\uff09")


@dataclass(frozen=True, eq=False)
class MemberContracts:
    """What the register says of a consortium's members.

    Parameters
    ----------
    volumes
        Table ``consortium_volumes``: a row for each direction, zero where there is no contract.
    counts
        ``member_name``, ``sold_count``, ``bought_count``: a row for each member.
    """

    volumes: pd.DataFrame
    counts: pd.DataFrame

    @property
    def matched_count(self) -> int:
        """Members that have a contract in the register."""
        return int(((self.counts["sold_count"] + self.counts["bought_count"]) > 0).sum())


def member_contracts(register: ContractRegister, members: pd.DataFrame) -> MemberContracts:
    """Return the contracts of a consortium's members.

    Parameters
    ----------
    register
        The contract register.
    members
        Rows of ``consortium_members`` of one consortium. A member is looked for by its own name
        and by its name in the register, with brackets of either width.

    Raises
    ------
    WorkspaceError
        If the register's engine cannot answer.
    """
    owner = {
        name: str(member)
        for member, *names in members[["member_name", "member_name", "register_name"]].itertuples(
            index=False, name=None
        )
        for name in _written(names)
    }
    contracts = register.contracts
    found = fetch(register, member_volumes(contracts, list(owner)))
    by_name = fetch(register, member_contract_counts(contracts, list(owner)))
    order = pd.DataFrame({"direction": [direction.value for direction in ContractDirection]})
    volumes = order.merge(found, how="left", on="direction", validate="one_to_one")
    sums = by_name.assign(member_name=by_name["register_name"].map(owner))
    counted = sums.groupby("member_name")[["sold_count", "bought_count"]].sum().reset_index()
    counts = members[["member_name"]].merge(
        counted, how="left", on="member_name", validate="one_to_one"
    )
    return MemberContracts(conform(MEMBER_VOLUMES, volumes.fillna(_NOTHING)), counts.fillna(_NONE))


_NOTHING = {"contract_count": 0, "contract_value_fen": 0}
_NONE = {"sold_count": 0, "bought_count": 0}


def _written(names: Iterable[object]) -> set[str]:
    """Return the ways in which a register may write the names."""
    given = [name for name in names if isinstance(name, str)]
    return {way for name in given for way in (name, name.translate(_NARROW), name.translate(_WIDE))}
