"""Build every shipped table from the raw tables and the two pinned packages, in order.

Run ``python -m scripts.build_data``. A second run gives the same bytes.
"""

from scripts import (
    build_boundaries,
    build_context,
    build_datapackage,
    build_demo,
    build_network,
    build_places,
    build_roads,
    build_static_geometry,
)

STEPS = (
    build_boundaries,
    build_places,
    build_network,
    build_context,
    build_demo,
    build_roads,
    build_static_geometry,
    build_datapackage,
)


def main() -> None:
    """Run each step."""
    for step in STEPS:
        step.main()


if __name__ == "__main__":
    main()
