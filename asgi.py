"""The application as it is served: Streamlit behind our front door."""

import streamlit as st

from network_map.app.server import MIDDLEWARE, warm_start
from network_map.config import app_root

app = st.App(app_root() / "streamlit_app.py", middleware=MIDDLEWARE, lifespan=warm_start)
