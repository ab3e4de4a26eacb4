"""Run the command line with ``python -m network_map``."""

import sys

from network_map.cli import main

if __name__ == "__main__":
    sys.exit(main())
