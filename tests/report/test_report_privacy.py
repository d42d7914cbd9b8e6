"""A hidden face on its pixels: gone where the head is, untouched elsewhere, in every frame."""

from __future__ import annotations

import base64
from dataclasses import replace

import cv2
import numpy as np
import pytest

from formcheck.report import write_annotated
from formcheck.report.keyframes import make_key_frames
from formcheck.report.privacy import Head, Heads, hide
from formcheck.types import Frame, Landmark
from formcheck.video import VideoWriter, read_frames

FACE_AT = np.array([3.0, -22.0])  # from the shoulder of the figure in conftest.py


def detail(image, head):
    """How much fine structure there is inside a head's circle."""
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    inside = (columns - head.x) ** 2 + (rows - head.y) ** 2 < (0.9 * head.radius) ** 2
    grey = image.mean(axis=2)
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_64F))[inside].mean())


@pytest.fixture
def noise():
    return np.random.default_rng(1).integers(0, 255, (240, 320, 3)).astype(np.uint8)


def test_a_hidden_head_holds_nothing_fine_and_the_rest_is_as_it_was(noise):
    head = Head(150.0, 60.0, 30.0)
    hidden = hide(noise, head)
    assert detail(hidden, head) < 0.05 * detail(noise, head)
    rows, columns = np.ogrid[:240, :320]
    outside = (columns - 150) ** 2 + (rows - 60) ** 2 > 31**2
    assert (hidden[outside] == noise[outside]).all()
    assert hidden is not noise


def test_faces_of_two_people_cannot_be_told_apart_by_what_is_left():
    """Two fine patterns of the same brightness become nearly the same picture."""
    stripes = np.zeros((100, 100, 3), np.uint8)
    stripes[:, ::2] = 200
    rows = np.ascontiguousarray(stripes.transpose(1, 0, 2))
    one, two = (
        hide(image, Head(50, 50, 40))[30:70, 30:70].astype(float) for image in (stripes, rows)
    )
    assert np.abs(one - two).max() < 20


@pytest.mark.parametrize("head", [Head(-5, -5, 20), Head(318, 239, 20), Head(500, 500, 30), None])
def test_a_head_at_or_beyond_the_edge(noise, head):
    assert hide(noise, head).shape == noise.shape


def with_head(analysis, unseen=slice(0)):
    """The figure with a head; ``unseen`` frames without its landmarks."""
    xy = analysis.track.xy_px.copy()
    middle = analysis.track.middle("shoulder") + FACE_AT
    xy[:, Landmark.NOSE] = middle + np.array([8.0, 2.0])
    xy[:, Landmark.LEFT_EAR] = xy[:, Landmark.RIGHT_EAR] = middle
    xy[unseen, : Landmark.LEFT_SHOULDER] = np.nan
    return replace(analysis, track=replace(analysis.track, xy_px=xy))


def test_the_circle_holds_the_head_wherever_the_person_bends(analysis):
    bent = with_head(analysis)
    heads = Heads(bent.track)
    for i, time_s in enumerate(bent.track.time_s):
        head = heads.at(float(time_s))
        for point in (Landmark.NOSE, Landmark.LEFT_EAR):
            x, y = bent.track.xy_px[i, point]
            assert np.hypot(x - head.x, y - head.y) < 0.75 * head.radius


def test_a_head_that_is_lost_for_a_while_stays_hidden(analysis):
    seen, lost = with_head(analysis), with_head(analysis, slice(20, 30))
    for time_s in lost.track.time_s[20:30]:
        true, guessed = Heads(seen.track).at(float(time_s)), Heads(lost.track).at(float(time_s))
        assert np.hypot(true.x - guessed.x, true.y - guessed.y) + true.radius < guessed.radius


def test_a_head_that_is_never_found_may_be_anywhere(analysis, noise):
    """So there is nothing fine left in all of the picture."""
    hidden = hide(noise, Heads(analysis.track).at(0.5))
    fine, left = (
        np.abs(cv2.Laplacian(picture.mean(axis=2), cv2.CV_64F)) for picture in (noise, hidden)
    )
    assert left.max() < 0.05 * fine.mean()


def test_video_and_key_frames_are_hidden_when_asked(analysis, noise, tmp_path):
    """The still noise of the clip is fine structure; a hidden head is not."""
    bent = with_head(analysis)
    clip = tmp_path / "noise.mp4"
    big = np.kron(noise[::6, ::6], np.ones((6, 6, 1), np.uint8))[:240, :320]
    with VideoWriter(clip, 320, 240, 25.0) as writer:
        for i in range(75):
            writer.write(Frame(i, i / 25.0, big))
    heads = Heads(bent.track)
    pictures = []
    for blur in (False, True):
        out = tmp_path / f"{blur}.mp4"
        write_annotated(clip, bent, out, blur_face=blur)
        pictures.append(list(read_frames(out)))
    rows, columns = np.ogrid[:240, :320]
    for plain, hidden in zip(*pictures, strict=True):
        head = heads.at(plain.time_s)
        away = np.hypot(columns - head.x, rows - head.y) / head.radius
        change = np.abs(plain.image.astype(float) - hidden.image).mean(axis=2)
        assert change[away < 0.8].mean() > 25
        assert change[away > 2].mean() < 5
    plain, hidden = (make_key_frames(clip, bent, blur_face=blur) for blur in (False, True))
    for a, b in zip(plain, hidden, strict=True):
        assert a.uri != b.uri
        assert base64.b64decode(b.uri.partition(",")[2])[:2] == b"\xff\xd8"
