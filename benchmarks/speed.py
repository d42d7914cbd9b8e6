"""How fast, beside the loop that everybody writes: ``python benchmarks/speed.py CLIP...``.

For each clip, in one run and side by side:

a  the plain loop: OpenCV reads a frame, it is turned to RGB and handed to the landmarker, every
   frame, in one thread
b  the whole analysis without the annotated video, c with it
d  the limit: the landmarker alone on the frames that FormCheck looks at, already decoded and
   scaled, shared out to all cores without loss; with the bundle as it is, and (d') without its mask

The runs take turns, so that a busy machine hurts all alike, and medians are printed. Then the peak
memory (in processes of their own) for the clip repeated up to 30 s and 10 min, and how long a frame
takes through ``LiveSession.push`` on one core, and from capture to a new evaluation, at the
camera's pace. Last, what chunks, workers and the lower rate do to the result against the dense one:
every frame, one estimator, one thread.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import queue
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import av
import numpy as np
from _paths import existing

from formcheck import job, pipeline, pose, trimming
from formcheck.following import Plan
from formcheck.live import LiveSession
from formcheck.machine import available_cores
from formcheck.models import DEFAULT_MODEL, MODELS, model_path
from formcheck.pose import MediaPipeEstimator
from formcheck.quiet import Quiet
from formcheck.types import Analysis, Frame
from formcheck.video import SIDE_PX, probe, read_frames

FRAMES_ALONE = 120
"""Frames on which the landmarker is timed alone."""
LIVE_SIZE = (640, 360)
LIVE_S = 20.0


def plain(clip: Path, model: str) -> None:
    """Decode, convert and detect every frame in one thread."""
    import cv2
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model_path(model))),
        running_mode=vision.RunningMode.VIDEO,
    )
    frames = 0
    capture = cv2.VideoCapture(str(clip))
    fps = capture.get(cv2.CAP_PROP_FPS) or 30.0
    with Quiet(), vision.PoseLandmarker.create_from_options(options) as landmarker:
        while True:
            there, image = capture.read()
            if not there:
                break
            image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=image)
            landmarker.detect_for_video(picture, round(frames * 1000 / fps))
            frames += 1
    capture.release()


def whole(clip: Path, model: str, video: bool) -> None:
    """The command ``formcheck analyze``, from file to files."""
    with tempfile.TemporaryDirectory() as folder:
        job.run(clip, Path(folder), job.Settings(model=model, video=video))


def alone_s(frames: list[Frame], model: str, trimmed: bool) -> float:
    """Median seconds that the landmarker takes for one of some decoded frames."""
    bundle = trimming.landmarks_only if trimmed else Path.read_bytes
    with patch.object(pose, "landmarks_only", bundle):
        estimator = MediaPipeEstimator(model)
    taken = []
    with estimator:
        for frame in frames:
            start = time.perf_counter()
            estimator.detect(frame)
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def compare(clip: Path, model: str, runs: int) -> None:
    """Print a, b, c and d of one clip."""
    contenders: dict[str, Callable[[], None]] = {
        "a  plain loop": lambda: plain(clip, model),
        "b  analyze --no-video": lambda: whole(clip, model, video=False),
        "c  analyze": lambda: whole(clip, model, video=True),
    }
    looked_at = list(read_frames(clip, max_side=SIDE_PX))
    count, some = len(looked_at), looked_at[:FRAMES_ALONE]
    del looked_at
    seconds: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    for _ in range(runs):
        for name, run in contenders.items():
            start, used = time.perf_counter(), time.process_time()
            run()
            seconds.setdefault(name, []).append(time.perf_counter() - start)
            cpu.setdefault(name, []).append(time.process_time() - used)
        for name, trimmed in (("d  limit", False), ("d' limit, no mask", True)):
            taken = alone_s(some, model, trimmed) * count / available_cores()
            seconds.setdefault(name, []).append(taken)
    usual = {name: statistics.median(taken) for name, taken in seconds.items()}
    base, limit = usual["a  plain loop"], usual["d  limit"]
    for name, taken_s in usual.items():
        span = f"({min(seconds[name]):.2f}-{max(seconds[name]):.2f})"
        busy = f"{statistics.median(cpu[name]):6.2f} s of CPU" if name in cpu else ""
        print(
            f"  {name:24s}{taken_s:7.2f} s  {base / taken_s:5.2f} x a  "
            f"{limit / taken_s:5.0%} of d  {span:16s}{busy}"
        )


# --- memory -------------------------------------------------------------------------------------


def repeated(clip: Path, seconds: float, out: Path) -> None:
    """Write the clip over and over until it is this long; nothing is encoded anew."""
    length_s = probe(clip).duration_s
    with av.open(str(out), "w") as target:
        made = None
        for turn in range(max(round(seconds / length_s), 1)):
            with av.open(str(clip)) as source:
                stream = source.streams.video[0]
                if made is None:
                    made = target.add_stream_from_template(stream)
                base = Fraction(stream.time_base or Fraction(1, 90_000))
                shift = round(turn * length_s / base)
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = made
                    target.mux(packet)


def memory(clip: Path, model: str) -> None:
    """Print the peak memory of an analysis of 30 s and of 10 min."""
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, seconds in (("30 s", 30.0), ("10 min", 600.0)):
            longer = Path(folder) / f"{seconds:.0f}{clip.suffix}"
            repeated(clip, seconds, longer)
            told = child("memory", str(longer), "--model", model)
            peaks[name] = told["peak_mb"]
            print(
                f"  peak memory, {name:7s}{told['peak_mb']:6.0f} MB   "
                f"({told['reps']} reps, {told['seconds']:.0f} s)"
            )
    print(f"  10 min against 30 s: x{peaks['10 min'] / peaks['30 s']:.2f}")


def child_memory(clip: Path, model: str) -> dict[str, float]:
    """One analysis; peak memory of this process in MB."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        done = job.run(clip, Path(folder), job.Settings(model=model))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    taken_s = time.perf_counter() - start
    return {"peak_mb": peak, "seconds": taken_s, "reps": len(done.analysis.reps)}


# --- live ---------------------------------------------------------------------------------------


def child_live(clip: Path, model: str) -> dict[str, float]:
    """Push frames at the pace of a camera, on one core; seconds by percentile."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    info = probe(clip)
    scale = max(LIVE_SIZE[0] / info.width, LIVE_SIZE[1] / info.height)
    side = math.ceil(max(info.width, info.height) * scale)
    frames = [f for f in read_frames(clip, max_side=side) if f.time_s < LIVE_S]
    waiting: queue.SimpleQueue[tuple[Frame, float] | None] = queue.SimpleQueue()

    def film() -> None:
        begin = time.perf_counter() + 1.0
        for frame in frames:
            time.sleep(max(begin + frame.time_s - time.perf_counter(), 0.0))
            waiting.put((frame, time.perf_counter()))
        waiting.put(None)

    push_s, verdict_s, most = [], [], 0
    captured: dict[float, float] = {}
    height, width = frames[0].image.shape[:2]
    with LiveSession(MediaPipeEstimator(model), width, height, model=model) as session:
        camera = threading.Thread(target=film)
        session.watch(Frame(-1, -1.0, frames[0].image))  # the model is warm when the set begins
        camera.start()
        told_s = 0.0
        while (item := waiting.get()) is not None:
            frame, taken = item
            captured[frame.time_s] = taken
            most = max(most, waiting.qsize())
            start = time.perf_counter()
            state = session.push(frame)
            push_s.append(time.perf_counter() - start)
            if state.evaluation is not None and state.evaluated_s > told_s:
                told_s = state.evaluated_s
                verdict_s.append(time.perf_counter() - captured[told_s])
        camera.join()
    push, verdict = (np.percentile(s, [50, 95, 99]).tolist() for s in (push_s, verdict_s))
    return {
        **dict(zip(("push_50", "push_95", "push_99"), push, strict=True)),
        **dict(zip(("verdict_50", "verdict_95", "verdict_99"), verdict, strict=True)),
        "most_waiting": most,
        "frames": len(push_s),
    }


def live(clip: Path) -> None:
    """Print the live latency with the lite model."""
    told = child("live", str(clip), "--model", "lite")
    for name, what in (("push", "a frame through push"), ("verdict", "capture to verdict")):
        p50, p95, p99 = (1000 * told[f"{name}_{p}"] for p in (50, 95, 99))
        print(f"  live, {what:22s} p50 {p50:4.0f}  p95 {p95:4.0f}  p99 {p99:4.0f} ms")
    print(f"  live, most frames waiting {told['most_waiting']} of {told['frames']}")


def child(what: str, *arguments: str) -> dict[str, float]:
    """Run a part of this file in a process of its own; what it prints is JSON."""
    command = [sys.executable, __file__, "--child", what, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


# --- the same result ----------------------------------------------------------------------------


def dense(clip: Path, model: str, max_fps: float | None) -> Analysis:
    """One estimator over the whole clip in one thread."""
    with patch.object(Plan, "of", lambda duration_s: Plan(1, duration_s, duration_s)):
        return pipeline.analyze(clip, model=model, max_fps=max_fps, workers=1)


def same(clip: Path, model: str) -> None:
    """Print how far the result is from the dense one."""
    usual = pipeline.analyze(clip, model=model)
    kinds = {"one thread, one chunk": 30.0, "... and every frame": None}
    for name, max_fps in kinds.items():
        if max_fps is None and usual.clip.fps < 37.0:
            continue
        other = dense(clip, model, max_fps)
        verdicts = [
            [[check.verdict for check in rep.checks] for rep in one.reps] for one in (usual, other)
        ]
        changed = sum(
            one is not two
            for reps in zip(*verdicts, strict=False)
            for one, two in zip(*reps, strict=True)
        )
        apart = _apart_deg(usual, other)
        print(
            f"  against {name:24s}reps {len(usual.reps)} / {len(other.reps)}, "
            f"verdicts that differ {changed} of {sum(map(len, verdicts[0]))}, hip and knee in reps "
            f"median {np.nanmedian(apart):.2f} p95 {np.nanpercentile(apart, 95):.2f} deg"
        )


def _apart_deg(usual: Analysis, other: Analysis) -> np.ndarray:
    """Differences of the near hip and knee in all frames of repetitions, degrees."""
    side = usual.capture.near_side
    parts = [np.array([np.nan])]
    for name in (f"hip_flexion_{side}_deg", f"knee_flexion_{side}_deg"):
        theirs = np.interp(usual.track.time_s, other.track.time_s, other.signals[name])
        difference = np.abs(theirs - usual.signals[name])
        parts += [difference[rep.rep.start : rep.rep.end + 1] for rep in usual.reps]
    return np.concatenate(parts)


def main() -> None:
    """Measure the clips that are named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="+", type=existing, metavar="CLIP")
    parser.add_argument("--model", default=DEFAULT_MODEL, choices=list(MODELS))
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs of each (5)")
    parts = ("speed", "same", "live", "memory")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, help="parts to print")
    parser.add_argument("--child", choices=("memory", "live"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        run = child_memory if args.child == "memory" else child_live
        print(json.dumps(run(args.clips[0], args.model)))
        return
    print(f"model {args.model}, {available_cores()} cores, median of {args.runs} runs")
    for clip in args.clips:
        info = probe(clip)
        print(
            f"\n{info.name}: {info.width}x{info.height}, {info.frames} frames, "
            f"{info.fps:.2f} per second, {info.duration_s:.1f} s"
        )
        if "speed" in args.only:
            compare(clip, args.model, args.runs)
        if "same" in args.only:
            same(clip, args.model)
        if "live" in args.only:
            live(clip)
        if "memory" in args.only:
            memory(clip, args.model)


if __name__ == "__main__":
    main()
