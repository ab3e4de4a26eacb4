"""The floor: a page with one button and one number."""

import streamlit as st

st.session_state["clicks"] = st.session_state.get("clicks", 0) + st.button("click", key="click")
st.text(f"clicks: {st.session_state['clicks']}")
