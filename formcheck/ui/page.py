"""The page: record a set, open clips, review them. Run by Streamlit from top to bottom.

Streamlit runs this file anew for each press; what is shared by all lives in the modules beside it.
"""

from __future__ import annotations

import streamlit as st

from formcheck.ui import home, reviewpage
from formcheck.ui.session import shelf

_STYLE = """<style>
.stMainBlockContainer { max-width: 1180px; padding: 1.2rem 1rem 4rem; }
@media (min-width: 760px) { .stMainBlockContainer { padding: 1.6rem 2rem 4rem; } }
[data-testid="stHeader"] { height: 2.6rem; background: transparent; pointer-events: none; }
[data-testid="stHeader"] button { pointer-events: auto; }
.stMainBlockContainer h1 { font-size: 1.7rem; padding: 0.4rem 0 0; }
.stButton button, .stDownloadButton button { min-height: 44px; }
</style>"""


def main() -> None:
    """Draw the page: the set that the address names, or the start."""
    st.set_page_config(page_title="FormCheck", page_icon="🏋️", layout="wide")
    st.html(_STYLE)
    set_id = st.query_params.get("set")
    if set_id is None:
        home.show()
        return
    stored = shelf().get(set_id)
    if stored is None:
        st.info("This set is not here (any more): it was deleted, or another browser opened it.")
        if st.button("Start", key="back"):
            st.query_params.pop("set", None)
            st.rerun()
        return
    reviewpage.show(stored)


if __name__ == "__main__":
    main()
