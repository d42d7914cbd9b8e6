"""The page in a checkout: ``streamlit run app.py``. It lives in ``formcheck/ui``.

Streamlit finds the server by reading this file, so the call stays spelled out here.
"""

import streamlit as st

from formcheck.ui import server, warming

app = st.App(
    server.PAGE,
    lifespan=warming.lifespan,
    routes=server.routes(),
    middleware=server.middleware(),
)
