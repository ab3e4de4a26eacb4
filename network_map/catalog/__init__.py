"""Every declared table by name, and the check of the shipped data."""
