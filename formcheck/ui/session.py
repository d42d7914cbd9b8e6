"""The visitor of this session and the own shelf of sets."""

from __future__ import annotations

import logging

import streamlit as st

from formcheck.errors import UsageError
from formcheck.ui.sets import Shelf, forget_old
from formcheck.ui.visitor import COOKIE, new_token, valid

_log = logging.getLogger(__name__)


@st.cache_resource(ttl=3600, show_spinner=False)
def _tidy_up() -> bool:
    try:
        forget_old()
    except UsageError as error:  # nothing is removed that somebody may want to keep
        _log.error("%s; until then all is kept", error)
    return True


def shelf() -> Shelf:
    """The sets of this browser; without its cookie, those of this session only."""
    _tidy_up()
    token = valid(st.context.cookies.get(COOKIE))
    if token is None:
        token = st.session_state.setdefault("visitor", new_token())
    return Shelf(token)


def open_set(set_id: str) -> None:
    """Go to a set; the address remembers it."""
    st.query_params["set"] = set_id
