"""Parquet: every signal over time, with the repetition that each frame belongs to."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from formcheck.exports.source import Source
from formcheck.report.files import replacing
from formcheck.report.table import as_seen


def write(source: Source, path: Path) -> None:
    """Write a row a frame; null: not seen, or between repetitions.

    The report is in the file's metadata (``formcheck.report``), units are in the columns' names.
    """
    import pyarrow as pa
    from pyarrow import parquet

    signals, report = source.analysis.signals, source.report
    number = np.zeros(len(signals.time_s), dtype=np.int32)
    for rep in report.reps:
        # Half a millisecond: the report rounds times to one.
        inside = (signals.time_s >= rep.start_s - 5e-4) & (signals.time_s <= rep.end_s + 5e-4)
        number[inside] = rep.index
    seen = {name: as_seen(source.analysis, name) for name in signals.values}
    columns = {
        "time_s": pa.array(signals.time_s),
        "rep": pa.array(number, mask=number == 0),
        **{name: pa.array(v, mask=np.isnan(v)) for name, v in seen.items()},
    }
    table = pa.table(columns, metadata={"formcheck.report": report.to_json()})
    with replacing(path) as part:
        parquet.write_table(table, part, compression="zstd")
