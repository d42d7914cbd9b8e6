"""What of MediaPipe is imported."""

import subprocess
import sys


def test_mediapipe_brings_along_only_what_is_asked_for(root):
    program = """
import sys
from formcheck.native import vision
print([name for name in ("matplotlib", "sounddevice") if name in sys.modules])
print(callable(vision.drawing_utils.plt.figure), "matplotlib.pyplot" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=root
    )
    assert done.stdout.splitlines() == ["[]", "True True"]


def test_what_was_imported_before_stays_itself(root):
    program = """
import sys
import matplotlib.pyplot as before
import formcheck.native
import matplotlib.pyplot as after
print(after is before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=root
    )
    assert done.stdout.strip() == "True"
