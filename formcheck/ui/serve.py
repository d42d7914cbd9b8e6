"""What ``streamlit run`` starts: the page and the routes beside it, on one port."""

import streamlit as st

from formcheck.ui import server, warming

app = st.App(
    server.PAGE,
    lifespan=warming.lifespan,
    routes=server.routes(),
    middleware=server.middleware(),
)
