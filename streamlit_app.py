"""The application: which page is asked for, and nothing else."""

from network_map.ui.cached import settle
from network_map.ui.frame import side_bar
from network_map.ui.navigation import navigation

with side_bar():
    navigation().run()
settle()
