"""Every declared table by name, which of them are shipped, and the check of the shipped data."""
