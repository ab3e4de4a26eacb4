"""Maps, gaps and siting for Yunnan's technology-transfer network.

Files become declared tables, tables become answers, answers become maps and lists; nothing flows
back, and only ``app`` knows that there is a screen. Each subject is a room of its own and says in
its first lines what it answers and in which order it is read; ``docs/architecture.md`` draws them.

Examples
--------
The same lists without a screen: open a data set, ask for the gaps of a prefecture, write a file,
verify it.

>>> from pathlib import Path
>>> from network_map.config import load_settings
>>> from network_map.contracts.register.open import open_contract_register
>>> from network_map.datasets import open_dataset
>>> from network_map.export import file_bytes
>>> from network_map.gaps.query import GapQuery
>>> from network_map.gaps.report import gap_report
>>> from network_map.places.reference import open_places
>>> from network_map.verify import read_claim, verify

>>> places, demo = open_places(), open_dataset("demo")
>>> register = open_contract_register("demo", load_settings())
>>> report = gap_report(places, demo, register, query=GapQuery(prefecture_adcode="530600"))
>>> len(report.table)
11
>>> _ = Path("zhaotong.xlsx").write_bytes(file_bytes(report, "xlsx"))
>>> claim = read_claim(Path("zhaotong.xlsx").read_bytes(), "zhaotong.xlsx")
>>> verify(claim, places, demo, contracts=lambda _: register).is_same
True
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
