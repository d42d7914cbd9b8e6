"""The gym's commands: ``python -m gym render | set | preview | score``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gym.errors import GymError

ROOT = Path(__file__).resolve().parent.parent


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m gym", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    one = commands.add_parser("render", help="a clip and its truth from a spec")
    one.add_argument("spec", type=Path)
    one.add_argument("out", type=Path, help="path without suffix")
    many = commands.add_parser("set", help="a whole benchmark set from a seed")
    many.add_argument("--seed", type=int, default=1)
    many.add_argument("--clips", type=int, default=128)
    many.add_argument("--out", type=Path, required=True)
    many.add_argument("--jobs", type=int, default=1)
    many.add_argument("--fps", type=float, help="one rate for all clips instead of many")
    many.add_argument("--others", action="store_true", help="movements that are none of the lifts")
    look = commands.add_parser("preview", help="a contact sheet of a spec (PNG)")
    look.add_argument("spec", type=Path)
    look.add_argument("png", type=Path)
    samples = commands.add_parser("samples", help="the sample clips that ship with the program")
    samples.add_argument("--out", type=Path, required=True)
    score = commands.add_parser("score", help="score formcheck on a set (benchmarks/accuracy.py)")
    score.add_argument("arguments", nargs=argparse.REMAINDER)
    return top


def run(options: argparse.Namespace) -> int:
    """Run one command."""
    from gym import batch, clip, preview, spec

    if options.command == "render":
        truth = clip.render(spec.load(options.spec), options.out)
        print(f"{options.out}.mp4: {truth['clip']['frames']} frames, {len(truth['reps'])} reps")
    elif options.command == "preview":
        preview.contact_sheet(spec.load(options.spec), options.png)
    elif options.command == "samples":
        batch.render_samples(options.out)
    else:
        batch.render_set(
            options.seed,
            options.clips,
            options.out,
            options.jobs,
            options.fps,
            others=options.others,
        )
    return 0


def main() -> int:
    """Entry point; an error is one line."""
    options = parser().parse_args()
    try:
        if options.command == "score":
            sys.path.insert(0, str(ROOT / "benchmarks"))
            import accuracy

            return int(accuracy.main(options.arguments))
        return run(options)
    except (GymError, ImportError) as error:
        hint = " (pip install 'formcheck[gym]')" if isinstance(error, ImportError) else ""
        print(f"gym: {error}{hint}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
