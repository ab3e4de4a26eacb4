"""Build the demonstration's consortia: invented members and industries of the public fields.

Run ``python -m scripts.build_consortia`` after ``build_context``.
"""

from network_map.demo.consortia import demo_consortia
from network_map.demo.contracts import SEED, demo_contracts
from scripts.build_common import read_built, write_csv

REGISTER_TABLES = (
    "divisions", "county_indicators", "institutions", "contracts_province", "contracts_prefecture",
)  # fmt: skip


def main() -> None:
    """Write the three demonstration tables of consortia."""
    tables = [read_built(name) for name in REGISTER_TABLES]
    contracts = demo_contracts(*tables, seed=SEED)
    made = demo_consortia(read_built("consortia"), tables[0], contracts, seed=SEED)
    write_csv("demo_consortia", made.consortia)
    write_csv("demo_consortium_members", made.members)
    write_csv("demo_county_industry", made.county_industry)


if __name__ == "__main__":
    main()
