"""A kept set as one file, to move it to another history: a ZIP of plain files.

``set.json`` says what belongs to it, beside ``report.json``, ``landmarks.npz``, the pictures in
``pictures/`` and the clip in ``video`` when they are kept. An archive may come from anywhere:
nothing in it is unpacked to a place that it names, and nothing larger than allowed is read.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from formcheck.errors import HistoryError, UsageError
from formcheck.report.files import replacing
from formcheck.report.model import first_finding
from formcheck.report.schema import Report
from formcheck.store import Details, History, NewSet, Picture, Recording
from formcheck.store.blobs import BROKEN_ZIP, from_bytes, to_bytes

VERSION: Literal[1] = 1
_MOST_BYTES = {"set.json": 1 << 22, "report.json": 1 << 27, "landmarks.npz": 1 << 29}
_MOST_PICTURE_BYTES = 1 << 23
_MOST_VIDEO_BYTES = 1 << 34
_CHUNK = 1 << 20


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class _PicturePart(_Model):
    rep: int = Field(ge=1)
    position: Literal["bottom", "top"]
    time_s: float
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class _Card(_Model):
    """set.json."""

    formcheck_set: Literal[1]
    athlete: str
    performed_at: AwareDatetime
    analysed_at: AwareDatetime | None = None
    """Not in files of earlier versions: their findings count as new."""
    load_kg: float | None
    notes: str
    tags: tuple[str, ...]
    settings: dict[str, Any]
    pictures: tuple[_PicturePart, ...]
    landmarks: bool
    video: bool


def write_archive(history: History, set_id: int, path: Path) -> None:
    """Write a kept set; raises UsageError when there is no such set or the file cannot be."""
    kept = history.get(set_id)
    recording, pictures = history.recording(set_id), history.pictures(set_id)
    card = _Card(
        formcheck_set=VERSION,
        athlete=kept.athlete,
        performed_at=kept.performed_at,
        analysed_at=kept.analysed_at,
        load_kg=kept.load_kg,
        notes=kept.notes,
        tags=kept.tags,
        settings=dict(kept.settings),
        pictures=tuple(
            _PicturePart.model_validate(
                {name: getattr(picture, name) for name in _PicturePart.model_fields}
            )
            for picture in pictures
        ),
        landmarks=recording is not None,
        video=kept.video_bytes > 0,
    )
    with replacing(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set.json", card.model_dump_json(indent=2))
        archive.writestr("report.json", history.report_json(set_id))
        if recording is not None:
            archive.writestr("landmarks.npz", to_bytes(recording), zipfile.ZIP_STORED)
        for picture in pictures:
            name = _picture_name(picture.rep, picture.position)
            archive.writestr(name, picture.jpeg, zipfile.ZIP_STORED)
        if card.video:
            with archive.open(zipfile.ZipInfo("video"), "w", force_zip64=True) as stream:
                history.write_video(set_id, stream)


@contextmanager
def read_archive(path: Path) -> Iterator[NewSet]:
    """Give the set in an archive, ready to be added to a history; raises HistoryError.

    Its video, if any, is in a temporary file until the end of the block.
    """
    with tempfile.TemporaryDirectory(prefix="formcheck-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                new = _read(archive, Path(folder) / "video", f"report.json in {path}")
        except (HistoryError, UsageError) as error:  # the latter of what no user may say either
            raise HistoryError(f"{path}: {error}") from error
        except ValidationError as error:
            reason = f"set.json: {first_finding(error)}"
            raise HistoryError(f"{path} is no set of FormCheck: {reason}") from error
        except OSError as error:
            raise HistoryError(f"cannot read {path}: {error.strerror or error}") from error
        except BROKEN_ZIP as error:
            reason = " ".join(str(error).split())
            raise HistoryError(f"{path} is no set of FormCheck: {reason}") from error
        yield new


def _read(archive: zipfile.ZipFile, video: Path, report: str) -> NewSet:
    card = _Card.model_validate_json(_entry(archive, "set.json"))
    recording: Recording | None = None
    if card.landmarks:
        recording = from_bytes(_entry(archive, "landmarks.npz"))
    if card.video:
        _unpack(archive, "video", video)
    return NewSet(
        report=Report.parse(_entry(archive, "report.json"), report),
        settings=card.settings,
        # What is empty says nothing, and takes away nothing that was said since.
        details=Details(
            card.athlete, card.load_kg, card.notes or None, card.tags or None, card.performed_at
        ),
        recording=recording,
        pictures=tuple(
            Picture(**part.model_dump(), jpeg=_jpeg(archive, part)) for part in card.pictures
        ),
        video=video if card.video else None,
        analysed_at=card.analysed_at,
        spares_newer=True,
    )


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """One file of the archive, when it is not larger than it may be."""
    info, most = archive.getinfo(name), _MOST_BYTES.get(name, _MOST_PICTURE_BYTES)
    if info.file_size > most:
        raise ValueError(f"{name} is larger than {most >> 20} MB")
    # No more is read than was promised, whatever is packed.
    with archive.open(info) as stream:
        return stream.read(most)


def _jpeg(archive: zipfile.ZipFile, part: _PicturePart) -> bytes:
    name = _picture_name(part.rep, part.position)
    jpeg = _entry(archive, name)
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            image.verify()
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{name} is no picture") from error
    return jpeg


def _unpack(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    if archive.getinfo(name).file_size > _MOST_VIDEO_BYTES:
        raise ValueError(f"{name} is larger than {_MOST_VIDEO_BYTES >> 30} GB")
    with archive.open(name) as stream, path.open("wb") as copy:
        shutil.copyfileobj(stream, copy, _CHUNK)


def _picture_name(rep: int, position: str) -> str:
    return f"pictures/{rep}-{position}.jpg"
