"""The application as it is served: Streamlit behind our front door."""

from streamlit.starlette import App

from network_map.app.server import MIDDLEWARE, warm_start

app = App("streamlit_app.py", middleware=MIDDLEWARE, lifespan=warm_start)
