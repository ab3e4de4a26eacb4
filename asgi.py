"""The application as it is served: Streamlit behind our front door."""

from pathlib import Path

import streamlit as st

from network_map.app.server import MIDDLEWARE, warm_start

_SCRIPT = Path(__file__).with_name("streamlit_app.py")

app = st.App(_SCRIPT, middleware=MIDDLEWARE, lifespan=warm_start)
