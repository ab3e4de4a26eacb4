"""Finished tables in, maps and charts out.

``spec`` says what a map shows, ``symbols`` and ``classes`` how; ``payload`` is what the live map is
sent, ``standalone`` the map as one HTML file; ``charts`` and ``table_rows`` stand beside a map.
"""
