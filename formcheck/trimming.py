"""A pose model without the part that nobody reads: the outline of the person.

Every bundle's network draws a 256 x 256 mask of the person beside the landmarks, and the runtime
computes it whether it is asked for or not. Where landmarks are all that is wanted, the operators
that lead to the mask only are struck from the list in the model file (a TensorFlow Lite
FlatBuffer; https://github.com/google-ai-edge/LiteRT/blob/main/tflite/schema/schema.fbs). The others
and their weights stay as they are, so the landmarks are the same to the last bit.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

_NETWORK = "pose_landmarks_detector.tflite"
_LIKELIHOOD, _MASK = 1, 2
"""Places among the network's outputs: landmarks, likelihood of a person, mask, heat map, world."""

# Places of the fields in the tables of the schema.
_MODEL_SUBGRAPHS = 2
_GRAPH_OUTPUTS, _GRAPH_OPERATORS = 2, 3
_OPERATOR_INPUTS, _OPERATOR_OUTPUTS = 1, 2


@lru_cache(maxsize=2)  # the one that follows and the one that looks around
def landmarks_only(bundle: Path) -> bytes:
    """Return a pose landmarker bundle (.task) as bytes, its network without the mask.

    It gives the same landmarks, and no masks. Raises OSError when it cannot be read and ValueError
    when it is no such bundle.
    """
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(made, "w") as new:
            for entry in old.infolist():
                data = old.read(entry)
                new.writestr(entry, _without_mask(data) if entry.filename == _NETWORK else data)
    except (zipfile.BadZipFile, struct.error, IndexError, KeyError) as error:
        raise ValueError(f"{bundle.name} is no pose landmarker bundle") from error
    return made.getvalue()


def _without_mask(network: bytes) -> bytes:
    """Strike the operators that only the mask needs.

    The mask must stay an output, since those behind it are found by their place: a small value
    that is computed anyhow, and is no output yet, takes its name.
    """
    data = bytearray(network)
    graph = _Table.root(data).tables(_MODEL_SUBGRAPHS)[0]
    operators = graph.tables(_GRAPH_OPERATORS)
    maker = {made: op for op in operators for made in op.integers(_OPERATOR_OUTPUTS)}
    outputs = graph.integers(_GRAPH_OUTPUTS)
    outputs[_MASK] = maker[outputs[_LIKELIHOOD]].integers(_OPERATOR_INPUTS)[0]
    struct.pack_into(f"<{len(outputs)}i", data, graph.vector(_GRAPH_OUTPUTS)[0], *outputs)

    needed: set[_Table] = set()
    waiting = list(outputs)
    while waiting:
        operator = maker.get(waiting.pop())
        if operator is not None and operator not in needed:
            needed.add(operator)
            waiting += operator.integers(_OPERATOR_INPUTS)
    kept = [operator for operator in operators if operator in needed]
    start, _ = graph.vector(_GRAPH_OPERATORS)
    struct.pack_into("<I", data, start - 4, len(kept))
    for place, operator in zip(range(start, start + 4 * len(kept), 4), kept, strict=True):
        struct.pack_into("<I", data, place, operator.at - place)
    return bytes(data)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A table of a FlatBuffer (https://flatbuffers.dev/internals): where it is in ``data``."""

    data: bytearray
    at: int

    @classmethod
    def root(cls, data: bytearray) -> Self:
        return cls(data, *struct.unpack_from("<I", data))

    def vector(self, field: int) -> tuple[int, int]:
        """Place and number of a field's items; (0, 0) when the table does not have it."""
        layout = self.at - self._number("<i", self.at)
        slot = 4 + 2 * field
        if slot >= self._number("<H", layout):
            return 0, 0
        offset = self._number("<H", layout + slot)
        if not offset:
            return 0, 0
        found = self.at + offset + self._number("<I", self.at + offset)
        return found + 4, self._number("<I", found)

    def integers(self, field: int) -> list[int]:
        start, count = self.vector(field)
        return list(struct.unpack_from(f"<{count}i", self.data, start))

    def tables(self, field: int) -> list[_Table]:
        start, count = self.vector(field)
        places = range(start, start + 4 * count, 4)
        return [_Table(self.data, place + self._number("<I", place)) for place in places]

    def _number(self, kind: str, place: int) -> int:
        return int(struct.unpack_from(kind, self.data, place)[0])
