"""Where the checkout, its data and the files of the tests lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
DOCS = ROOT / "docs"
STATIC = ROOT / "static"
GOLDEN = ROOT / "tests" / "golden"
NODE_LISTS = ROOT / "tests" / "fixtures" / "node_lists"
CONTRACT_LISTS = ROOT / "tests" / "fixtures" / "contract_lists"
