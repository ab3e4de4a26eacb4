"""Finished tables in, maps and charts out.

``spec`` says what a map shows and with which shapes and colours, ``classes`` how areas are
divided; ``payload`` is what the live map is sent, ``standalone`` the map as one HTML file;
``charts`` stand beside a map.
"""
