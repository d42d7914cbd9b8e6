"""Sources that more than one exercise rests on."""

from __future__ import annotations

from formcheck.rules import Source

PRACTICE = Source("practice", "Coaching practice; no study backs the number")
FPPA = Source(
    "study",
    "Frontal plane projection angle: 6-13 degrees inward separate good from poor control in the "
    "literature; two-dimensional reading errs by 2-4 degrees (Gwynne & Curran, IJSPT)",
)
IPF_RULES = "https://www.powerlifting.sport/rules/codes/info/technical-rules"
"""The International Powerlifting Federation's Technical Rules Book."""
