"""Text panels as cached pictures, blended onto frames: readable on any footage, and cheap.

Type is set once with Pillow in a font that has ✓ ≈ ✕ ? and °; each frame only pays for blending.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from formcheck.types import ImageArray

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""

WHITE: Colour = (255, 255, 255)
PALE: Colour = (198, 205, 214)
BACKING: Colour = (14, 18, 24)
BACKING_OPACITY = 0.74


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text; ``size`` relative to the panel's; ``chip`` fills a box behind it."""

    text: str
    colour: Colour = WHITE
    size: float = 1.0
    chip: Colour | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture to be blended, (h, w, 3) each.

    ``weighted`` is colour times opacity, ``keep`` what remains of the footage, of 255.
    """

    weighted: ImageArray
    keep: ImageArray

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.keep.shape[1], self.keep.shape[0]


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl

    file = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    return ImageFont.truetype(str(file), size)


@lru_cache(maxsize=256)
def panel(
    lines: tuple[Line, ...], size: int, width: int = 0, accent: Colour | None = None
) -> Panel:
    """Set lines of text on a dark rounded backing.

    ``size`` is the letter height in pixels, ``width`` the least width; ``accent`` draws a bar of
    that colour along the left edge.
    """
    pad = round(size * 0.6)
    heights = [round(max(s.size for s in line) * size * 1.35) for line in lines]
    bar = round(size * 0.35) if accent else 0
    wide = max(sum(_span_width(s, size) for s in line) for line in lines)
    box = (max(wide + 2 * pad + bar, width), sum(heights) + 2 * pad - round(size * 0.2))
    picture = Image.new("RGBA", box, (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    backing = (*BACKING, round(255 * BACKING_OPACITY))
    draw.rounded_rectangle((0, 0, box[0] - 1, box[1] - 1), radius=pad * 0.7, fill=backing)
    if accent:
        draw.rounded_rectangle((0, 0, bar, box[1] - 1), radius=bar * 0.5, fill=(*accent, 255))
    top = pad - round(size * 0.1)
    for line, height in zip(lines, heights, strict=True):
        _draw_line(draw, line, (pad + bar, top + height * 0.5), size)
        top += height
    return _weighted(picture)


def blend(image: ImageArray, what: Panel, left: int, top: int) -> None:
    """Blend a panel into an image (height, width, 3), in place, clipped to the image."""
    width, height = what.size
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, image.shape[1]), min(top + height, image.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    area = image[y0:y1, x0:x1]
    footage = cv2.multiply(area, what.keep[part], scale=1 / 255)
    cv2.add(footage, what.weighted[part], dst=footage)
    area[:] = footage


def _weighted(picture: Image.Image) -> Panel:
    pixels = np.asarray(picture)
    opacity = np.repeat(pixels[..., 3:], 3, axis=2)
    return Panel(cv2.multiply(pixels[..., :3], opacity, scale=1 / 255), 255 - opacity)


def _span_width(span: Span, size: int) -> int:
    margin = 0.9 * size * span.size if span.chip else 0.0
    return round(_font(max(round(size * span.size), 6)).getlength(span.text) + margin)


def _draw_line(draw: ImageDraw.ImageDraw, line: Line, at: tuple[float, float], size: int) -> None:
    x, middle = at
    biggest = max(span.size for span in line) * size
    baseline = middle + biggest * 0.36
    for span in line:
        tall = max(round(size * span.size), 6)
        width = _span_width(span, size)
        if span.chip:
            inner = tall * 0.2
            box = (x, baseline - tall * 0.95, x + width - 2 * inner, baseline + tall * 0.22)
            draw.rounded_rectangle(box, radius=tall * 0.25, fill=(*span.chip, 255))
            centre = ((box[0] + box[2]) / 2, baseline)
            draw.text(centre, span.text, font=_font(tall), fill=(*span.colour, 255), anchor="ms")
        else:
            draw.text(
                (x, baseline), span.text, font=_font(tall), fill=(*span.colour, 255), anchor="ls"
            )
        x += width


def text_size(unit: float) -> int:
    """Letter height in pixels: never below what can be read in a small picture."""
    return max(round(22 * unit), 11)
