"""report.html of a set of many repetitions: nothing runs into anything, or off the paper."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from formcheck.report.chart import NARROW, WIDE, timeline_svg
from formcheck.report.html import render_html

PAPER_PX = 718
"""A4 at 96 pixels an inch, less the margins that browsers leave."""
NUMBERS = """() => [...document.querySelectorAll("svg text")]
    .filter((text) => /^\\d+$/.test(text.textContent.trim()))
    .map((text) => text.getBoundingClientRect()).map(({left, right, top}) => [top, left, right])"""


@pytest.fixture(scope="module")
def long(analysis):
    """Sixty repetitions one after the other; the chart looks at where they lie, and no further."""
    frames = len(analysis.track)
    starts = [k * (frames - 1) // 60 for k in range(61)]
    one = analysis.reps[0]
    reps = [
        replace(one, rep=replace(one.rep, start=start, turn=start, end=end), score=100.0)
        for start, end in pairwise(starts)
    ]
    return replace(analysis, reps=tuple(reps))


@pytest.mark.parametrize("shape", [WIDE, NARROW])
def test_scores_and_numbers_in_the_chart_do_not_run_into_each_other(browser, long, shape):
    page = browser.new_page()
    page.set_content(timeline_svg(long, shape))
    places = page.evaluate(NUMBERS)
    page.close()
    lines = {round(top): [] for top, _, _ in places}
    for top, left, right in sorted(places):
        assert not any(left < other for other in lines[round(top)])
        lines[round(top)].append(right)
    assert sum(len(line) >= 10 for line in lines.values()) == 2  # the scores and the numbers


def test_a_long_set_fits_on_paper(browser, long, rule_info):
    page = browser.new_page(viewport={"width": PAPER_PX, "height": 1000})
    page.emulate_media(media="print")
    page.set_content(render_html(long, [], rule_info))
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER_PX
    assert page.locator(".glance:visible thead a").count() == 60
    page.emulate_media(media="screen")
    assert page.locator(".glance:visible thead a").count() == 60
    page.close()
