"""The application: which page is asked for, and nothing else."""

from network_map.ui.cached import settle
from network_map.ui.navigation import navigation

navigation().run()
settle()
