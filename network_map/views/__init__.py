"""Finished tables in, maps out: folium layers, legends, symbols, colours."""
