"""Provinces, prefectures and counties: their tables, names old and new, boundaries.

Read in this order: ``tables``, ``reference`` (shipped tables and boundaries), ``gazetteer`` with
``gazetteer_index`` (which division a text means), ``place_texts`` (what a row says of its place).
"""
