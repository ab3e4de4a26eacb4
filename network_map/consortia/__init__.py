"""consortia."""
