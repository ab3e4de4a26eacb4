"""Streamlit glue: cached answers, controls, blocks of a page; no numbers of its own."""
