"""The usual way: folium's GeoJson through st_folium, recoloured at each click."""

import folium
import streamlit as st
from streamlit_folium import st_folium

from benchmarks.boundaries import county_geojson

COLOURS = ("#fee838", "#c3b369", "#8a8678", "#575d6d", "#00224e")
# The stock addresses are on other hosts, which are out of reach here.
LEAFLET = "../../app/static/leaflet/1.9.4"

st.set_page_config(layout="wide")
geojson = st.cache_resource(county_geojson)()
state = st.session_state.get("map") or {}
clicked = state.get("last_clicked")
st.session_state["clicks"] = st.session_state.get("clicks", -1) + 1
step = st.session_state["clicks"]


class LocalMap(folium.Map):
    """A folium map with local files."""

    default_js = [("leaflet", f"{LEAFLET}/leaflet.js")]  # noqa: RUF012 - as in folium
    default_css = [("leaflet_css", f"{LEAFLET}/leaflet.css")]  # noqa: RUF012 - as in folium


shown = LocalMap(location=[25.2, 101.9], zoom_start=7, tiles=None)
folium.GeoJson(
    geojson,
    style_function=lambda feature: {
        "fillColor": COLOURS[(int(feature["properties"]["adcode"]) + step) % len(COLOURS)],
        "color": "#ffffff",
        "weight": 1,
        "fillOpacity": 1,
    },
    tooltip=folium.GeoJsonTooltip(["name_zh"]),
).add_to(shown)
st_folium(shown, key="map", height=540, use_container_width=True, returned_objects=["last_clicked"])
st.text(f"clicks: {step} {clicked}")
