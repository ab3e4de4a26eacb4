"""The application as it is served: Streamlit behind our front door."""

import streamlit as st

from network_map.app.server import MIDDLEWARE, START_SCRIPT, warm_start

app = st.App(START_SCRIPT, middleware=MIDDLEWARE, lifespan=warm_start)
