"""The application as it is served: Streamlit behind our front door."""

import os

# Before anything loads numpy: several people are served at once, and the products of small
# matrices that a page needs gain nothing from threads that wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from streamlit.starlette import App

from network_map.ui.server import MIDDLEWARE, warm_start

app = App("streamlit_app.py", middleware=MIDDLEWARE, lifespan=warm_start)
