"""An earlier export derived again from its recipe, and held against what it says.

``reports`` knows every report by name, ``comparison`` holds two readings against each other,
``verification`` says the outcome.
"""
