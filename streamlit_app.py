"""The application: which page is asked for, and nothing else."""

from network_map.ui.cached import settle
from network_map.ui.navigation import navigation
from network_map.ui.state import dataset_name

page = navigation()
page.run()
settle(page.url_path, dataset_name())
