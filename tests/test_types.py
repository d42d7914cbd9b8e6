from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from formcheck.types import finite_median, finite_medians

VALUES = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf]))


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(0, 5), st.integers(0, 9)),
        elements=VALUES,
    )
)
def test_medians_of_rows_are_those_of_each_row(rows):
    np.testing.assert_array_equal(finite_medians(rows), [finite_median(row) for row in rows])
