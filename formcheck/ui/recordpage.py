"""Recording."""

import streamlit as st


def show() -> None:
    """Soon."""
    st.info("soon")
