"""The page on methods: formulas, defaults and limits, read from the code that computes."""
