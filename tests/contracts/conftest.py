"""What the tests of contracts share."""

import pytest

from network_map.places.gazetteer import Gazetteer
from tests import shipped


@pytest.fixture(scope="session")
def reference() -> Gazetteer:
    """Return what a register is read against: a node list needs more."""
    return shipped.gazetteer()
