"""Opening data sets, and bringing a planner's own lists into a workspace."""
