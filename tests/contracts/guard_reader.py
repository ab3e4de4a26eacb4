"""A program that previews files one after the other and says what that cost in memory.

It is a process of its own because the most memory a process ever held can only be measured there.
"""

import json
import re
import resource
import sys
from pathlib import Path

from network_map.contracts.importing.preview import preview_contracts
from network_map.contracts.importing.reading import ContractOptions
from network_map.errors import FileFormatError
from network_map.places.gazetteer import open_divisions


def peak_mb() -> float:
    """Return the most memory that this process ever held."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Print the outcome of each file, what reading added to this process, and the reader's peak."""
    gazetteer = open_divisions()
    preview_contracts("合同编号,合同类型,合同金额(元)\n1,技术开发,1\n".encode(), "a.csv", gazetteer)
    outcomes: dict[str, object] = {}
    before = peak_mb()
    for name in sys.argv[1:]:
        path = Path(name)
        try:
            found = preview_contracts(path, path.name, gazetteer, ContractOptions())
            outcomes[path.stem] = found.problem_counts
        except FileFormatError as error:
            outcomes[path.stem] = error.code
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    told = {"outcomes": outcomes, "added_mb": peak_mb() - before, "reader_mb": readers}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
