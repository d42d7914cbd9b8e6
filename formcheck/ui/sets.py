"""The sets of one visitor on the disk: clip, landmarks, findings and reports, a folder each.

Another visitor's sets cannot be asked for: every path starts at the visitor's own folder.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from pydantic import TypeAdapter

from formcheck.errors import UsageError
from formcheck.paths import data_folder
from formcheck.report.files import write_whole
from formcheck.scene import UNKNOWN_SCENE
from formcheck.store.blobs import scene_of, scene_text
from formcheck.types import PoseTrack

KEEP_DAYS = 30.0
"""Age in days at which a set is removed, unless FORMCHECK_KEEP_DAYS says otherwise."""
CLIP_MAX_BYTES = 1 << 30
SHELF_MAX_BYTES = 8 << 30
"""What one visitor's clips may fill; the oldest sets make room."""
NAME_MAX = 100
_CHUNK = 1 << 20
_SET_ID = re.compile(r"[0-9a-f]{20}")
_FILES = re.compile(r"clip\.[a-z0-9]{1,5}|(report|annotated|review)\.(json|html|mp4)|frames\.csv"
                    r"|key-\d{1,4}-(top|bottom)\.jpg")  # fmt: skip
_CARDS = threading.Lock()
_log = logging.getLogger(__name__)
_ARRAYS = ("time_s", "xy_px", "world_m", "visibility", "presence", "shot")


def safe_name(name: str) -> str:
    """A file name without folders, short enough for any disk."""
    last = Path(name.replace("\\", "/").replace("\0", "")).name
    stem, suffix = Path(last).stem, Path(last).suffix
    return f"{stem[:NAME_MAX]}{suffix[:10]}" if stem.strip(".") else "clip.mp4"


@dataclass(frozen=True, slots=True)
class Card:
    """What a list of sets shows of one. ``rev`` grows whenever the findings change.

    ``asked`` is the exercise that was asked for, ``exercise`` the one found (None: none).
    ``model`` is the pose model that was asked for, ``used`` the one that the landmarks are of.
    ``out_of`` says beside the score on how few checks it rests ("": by an earlier version).
    ``by_hand`` holds repetitions given by hand, (start, turn, end) in seconds; None: counted.
    ``blur_face``: the head is blurred in video, pictures and report.
    ``person``: whom to score, their number from the left or x, y (pixels) and seconds of a press
    on them; None: the best guess.
    ``kept``: its number in the history, None: it is not there.
    ``ready`` once there are findings, ``drawn`` once the annotated video is there, too.
    ``due``: the findings are of before a wish that the server has not got to: to "score" anew, or
    to "follow" the body anew and score.
    """

    id: str
    name: str
    made_s: float
    clip: str
    asked: str
    model: str
    ready: bool = False
    drawn: bool = False
    rev: int = 0
    exercise: str | None = None
    title: str = ""
    reps: int = 0
    score: float | None = None
    out_of: str = ""
    by_hand: Sequence[Sequence[float]] | None = None
    blur_face: bool = False
    kept: int | None = None
    person: int | Sequence[float] | None = None
    used: str | None = None
    due: str = ""


_CARD = TypeAdapter(Card)


class StoredSet:
    """One set's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def card(self) -> Card:
        """Read anew each time: background work writes it. Raises ValueError when it is damaged.

        What another version of FormCheck has written besides is passed over.
        """
        return _CARD.validate_json((self.folder / "set.json").read_bytes())

    def update(self, **changes: Any) -> Card:  # noqa: ANN401
        """Change some of the card's fields; those that others change meanwhile stay changed."""
        return self._change(0, changes)

    def publish(self, **changes: Any) -> Card:  # noqa: ANN401
        """The same for new findings: by a new ``rev`` browsers know that theirs are old."""
        return self._change(1, changes)

    def _change(self, step: int, changes: Mapping[str, Any]) -> Card:
        with _CARDS:
            card = self.card
            card = replace(card, rev=card.rev + step, **changes)
            write_json(self.folder / "set.json", asdict(card))
        return card

    def tidy(self) -> None:
        """Remove what work in the background has still written after the set was deleted."""
        with _CARDS:
            if not (self.folder / "set.json").exists():
                shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def clip(self) -> Path:
        """The clip as it was given."""
        return self.folder / self.card.clip

    def file(self, name: str) -> Path | None:
        """One of the files that a browser may ask for."""
        path = self.folder / name
        return path if _FILES.fullmatch(name) and path.is_file() else None

    def save_track(self, track: PoseTrack) -> None:
        """Keep the landmarks, to score the set again without looking for them again."""
        part = self.folder / ".track.part.npz"
        arrays = {name: getattr(track, name) for name in _ARRAYS}
        scene = np.array(scene_text(track.scene))
        np.savez_compressed(part, size=np.array([track.width, track.height]), scene=scene, **arrays)
        part.replace(self.folder / "track.npz")

    def track(self) -> PoseTrack:
        """The kept landmarks."""
        with np.load(self.folder / "track.npz") as kept:
            width, height = (int(side) for side in kept["size"])
            scene = scene_of(str(kept["scene"])) if "scene" in kept else UNKNOWN_SCENE
            arrays = {name: kept[name] for name in _ARRAYS}
            return PoseTrack(width=width, height=height, scene=scene, **arrays)

    def save_review(self, review: Mapping[str, Any]) -> None:
        """Keep what the review shows."""
        write_json(self.folder / "review.json", review)

    def review(self) -> dict[str, Any]:
        """What the review shows."""
        found: dict[str, Any] = json.loads((self.folder / "review.json").read_text("utf-8"))
        return found


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write the whole file or none."""
    write_whole(path, json.dumps(content, allow_nan=False))


def _card_of(stored: StoredSet) -> Card | None:
    """The card of a set; None when there is none, or it cannot be read, of which the log tells."""
    try:
        return stored.card
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _tell_once(stored.folder, str(error).partition("\n")[0])
        return None


@lru_cache(maxsize=1000)
def _tell_once(folder: Path, reason: str) -> None:
    _log.warning("the set in %s is left out, its set.json cannot be read: %s", folder, reason)


class Shelf:
    """The sets of one visitor, who is known by a secret that only the own browser has."""

    def __init__(self, visitor: str, root: Path | None = None) -> None:
        name = hashlib.sha256(visitor.encode()).hexdigest()[:24]
        self.folder = (root or data_folder()) / "visitors" / name

    def sets(self) -> list[StoredSet]:
        """All sets that can be read, the newest first."""
        found = [StoredSet(path.parent) for path in self.folder.glob("*/set.json")]
        made_s = {s: card.made_s for s in found if (card := _card_of(s)) is not None}
        return sorted(made_s, key=lambda s: -made_s[s])

    def get(self, set_id: str) -> StoredSet | None:
        """One set by its id, if it can be read."""
        if not _SET_ID.fullmatch(set_id):
            return None
        stored = StoredSet(self.folder / set_id)
        return None if _card_of(stored) is None else stored

    def add(self, name: str, stream: BinaryIO, exercise: str, model: str) -> StoredSet:
        """Take in a clip. The same clip with the same wishes is the same set, found again.

        Raises UsageError when it is too large.
        """
        # Clips of people: as the history's file, not for whoever else has an account here.
        self.folder.parent.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.folder.parent.mkdir(mode=0o700, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        part = self.folder / f".{secrets.token_hex(8)}.part"
        try:
            digest = _copy(stream, part)
            key = f"{digest}|{exercise}|{model}".encode()
            set_id = hashlib.sha256(key).hexdigest()[:20]
            known = self.get(set_id)
            if known is not None:
                return known
            return self._place(part, set_id, safe_name(name), exercise, model)
        finally:
            part.unlink(missing_ok=True)

    def _place(self, part: Path, set_id: str, name: str, exercise: str, model: str) -> StoredSet:
        suffix = re.sub(r"[^a-z0-9]", "", Path(name).suffix.lower())[:5] or "mp4"
        folder = self.folder / set_id
        now = time.time()  # as the first rev: a browser may remember files of a deleted set
        card = Card(set_id, name, now, f"clip.{suffix}", exercise, model, rev=int(now))
        with _CARDS:
            folder.mkdir(exist_ok=True)
            part.replace(folder / f"clip.{suffix}")
            write_json(folder / "set.json", asdict(card))
        self._make_room(set_id)
        return StoredSet(folder)

    def delete(self, set_id: str) -> None:
        """Remove a set with all its files."""
        found = self.get(set_id)
        if found is not None:
            (found.folder / "set.json").unlink(missing_ok=True)
            shutil.rmtree(found.folder, ignore_errors=True)

    def _make_room(self, keep: str) -> None:
        kept = self.sets()
        sizes = {s.folder.name: _size(s.folder) for s in kept}
        while len(kept) > 1 and sum(sizes.values()) > SHELF_MAX_BYTES:
            oldest = kept.pop()
            if oldest.folder.name != keep:
                self.delete(oldest.folder.name)
            sizes.pop(oldest.folder.name)


def keep_days() -> float:
    """Age in days at which a set is removed, 0: never. Raises UsageError when it is no number."""
    told = os.environ.get("FORMCHECK_KEEP_DAYS") or str(KEEP_DAYS)
    try:
        days = float(told)
    except ValueError:
        days = math.nan
    if not math.isfinite(days):
        raise UsageError(f"FORMCHECK_KEEP_DAYS is {told!r}: say a number of days, 0 keeps all")
    return max(days, 0.0)


def forget_old(root: Path | None = None) -> None:
    """Remove what is older than the retention time, of all visitors; raises as keep_days does."""
    days = keep_days()
    if not days:
        return
    oldest = time.time() - days * 86400
    for path in ((root or data_folder()) / "visitors").glob("*/*"):
        with suppress(OSError):
            if _made_s(path) < oldest:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _made_s(path: Path) -> float:
    """When a clip was taken in, however often it was scored since; else, when it was changed."""
    card = _card_of(StoredSet(path)) if path.is_dir() else None
    return path.stat().st_mtime if card is None else card.made_s


def _copy(stream: BinaryIO, path: Path) -> str:
    """Copy, not more than allowed; the sha256 of what was copied."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as copy:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > CLIP_MAX_BYTES:
                raise UsageError(f"The clip is larger than {CLIP_MAX_BYTES >> 20} MB: trim it.")
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _size(folder: Path) -> int:
    """Bytes of a folder's files; what goes while they are counted has none."""
    size = 0
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                size += path.stat().st_size
    return size
