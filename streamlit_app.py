"""The application: which page is asked for, and nothing else."""

from network_map.app.navigation import navigation

navigation().run()
