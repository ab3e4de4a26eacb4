"""The application: which page is asked for, and nothing else."""

from network_map.app.kit.frame import navigation

navigation().run()
