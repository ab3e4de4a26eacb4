"""listfiles."""
