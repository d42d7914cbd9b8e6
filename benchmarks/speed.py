"""How long the stages take beside the plain loop: ``python benchmarks/speed.py CLIP...``.

The yardstick is the loop that everybody writes first: OpenCV reads a frame, it is turned to RGB
and handed to the same landmarker, one thread, every frame. Beside it: the pose stage, and the
whole analysis without and with the annotated video. The runs take turns (so that a busy machine
hurts all alike); medians are printed, with the ratio to the plain loop, the span, and the time
on all cores together.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from formcheck import job
from formcheck.models import DEFAULT_MODEL, MODELS, model_path
from formcheck.pose import available_cores, estimate_track
from formcheck.quiet import Quiet
from formcheck.video import probe


def plain(clip: Path, model: str) -> int:
    """Decode, convert and detect every frame in one thread; return the number of frames."""
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
    return frames


def contenders(clip: Path, model: str, max_fps: float | None) -> dict[str, Callable[[], object]]:
    """The stages by name, each as something to call."""
    runs: dict[str, Callable[[], object]] = {
        "plain loop": lambda: plain(clip, model),
        "pose": lambda: estimate_track(clip, probe(clip), model, max_fps=max_fps),
    }

    def whole(video: bool) -> None:
        with tempfile.TemporaryDirectory() as folder:
            job.run(clip, Path(folder), model=model, max_fps=max_fps, video=video)

    runs["analyze --no-video"] = lambda: whole(video=False)
    runs["analyze"] = lambda: whole(video=True)
    return runs


def main() -> None:
    """Measure the clips that are named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP")
    parser.add_argument("--model", default=DEFAULT_MODEL, choices=list(MODELS))
    parser.add_argument("--runs", type=int, default=3, help="interleaved runs of each (3)")
    parser.add_argument("--every-frame", action="store_true", help="pose at the clip's full rate")
    args = parser.parse_args()
    print(f"model {args.model}, {available_cores()} cores, median of {args.runs} runs")
    for clip in args.clips:
        info = probe(clip)
        print(
            f"\n{info.name}: {info.width}x{info.height}, {info.frames} frames, "
            f"{info.fps:.2f} per second, {info.duration_s:.1f} s"
        )
        runs = contenders(clip, args.model, None if args.every_frame else 30.0)
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        work: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(args.runs):
            for name, run in runs.items():
                start, used = time.perf_counter(), time.process_time()
                run()
                seconds[name].append(time.perf_counter() - start)
                work[name].append(time.process_time() - used)
        base = statistics.median(seconds["plain loop"])
        for name, taken in seconds.items():
            usual = statistics.median(taken)
            print(
                f"  {name:26s}{usual:7.2f} s  x{usual / base:.2f}  "
                f"{info.frames / usual:6.1f} frames/s  ({min(taken):.2f}-{max(taken):.2f})  "
                f"{statistics.median(work[name]):.2f} s of CPU"
            )


if __name__ == "__main__":
    main()
