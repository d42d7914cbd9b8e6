"""What every export is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from formcheck.errors import HistoryError
from formcheck.report.info import RuleInfo
from formcheck.report.keyframes import KeyFrame
from formcheck.report.schema import Report
from formcheck.store import NOTHING_SAID, Details
from formcheck.types import Analysis


@dataclass(frozen=True, slots=True)
class Source:
    """A set: its report, the analysis, its pictures, what each rule rests on, what was said.

    ``height_cm``: how tall the lifter is, where that was told. ``found`` is None when only the
    report is there; :attr:`analysis` then raises HistoryError.
    """

    report: Report
    found: Analysis | None = None
    key_frames: Sequence[KeyFrame] = ()
    rules: Mapping[str, RuleInfo] = field(default_factory=dict)
    details: Details = NOTHING_SAID
    height_cm: float | None = None

    @property
    def analysis(self) -> Analysis:
        """The analysis, for the formats that are made from landmarks and angles.

        Raises HistoryError where only the report is kept.
        """
        if self.found is None:
            raise HistoryError(
                "only the report of this set is there, not its landmarks: it can be written as "
                "json, csv and srt"
            )
        return self.found
