"""Measurements of the running application, with two yardsticks beside it."""
