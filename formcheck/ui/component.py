"""The page's own components: small scripts and styles beside this file, joined to one each.

Colours are those of report.html: its variables, as pairs of light and dark.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any

import streamlit as st

_SCRIPTS = {
    "review": (
        "logic.js",
        "marks.js",
        "pairs.js",
        "dom.js",
        "player.js",
        "timeline.js",
        "correct.js",
        "compare.js",
        "people.js",
        "cards.js",
        "review.js",
    ),
    "record": ("dom.js", "record_logic.js", "camera.js", "speech.js", "record.js"),
}
_ROOT = re.compile(r":root \{([^}]*)\}")
_VARIABLE = re.compile(r"--([a-z0-9-]+): ([^;]+);")


def _static(name: str) -> str:
    return (resources.files("formcheck.ui") / "static" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _report_css() -> str:
    path = resources.files("formcheck.report") / "templates" / "report.css"
    return path.read_text(encoding="utf-8")


def colours() -> dict[str, tuple[str, str]]:
    """The colours of report.html by name: light, dark."""
    light, dark = (dict(_VARIABLE.findall(block)) for block in _ROOT.findall(_report_css())[:2])
    return {name: (value, dark[name]) for name, value in light.items()}


def style(name: str) -> str:
    """The style of a component: the report's rules, then its own."""
    pairs = "".join(f"--{k}: light-dark({a}, {b});" for k, (a, b) in colours().items())
    rules = _report_css()
    rules = rules[rules.index("*, *::before") : rules.index("@media print {\n  body")]
    return f":host, .{name} {{ {pairs} }}\n{rules}\n{_static(f'{name}.css')}"


def script(name: str) -> str:
    """The script of a component, one module."""
    return "\n".join(_static(part) for part in _SCRIPTS[name])


def show(name: str, data: dict[str, Any], key: str, **callbacks: Any) -> Any:  # noqa: ANN401
    """Put a component on the page; gives its state."""
    component = st.components.v2.component(
        f"formcheck_{name}",
        html=f'<div class="{name}"></div>',
        css=style(name),
        js=script(name),
    )
    return component(data=data, key=key, **callbacks)
