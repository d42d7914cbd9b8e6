"""MediaPipe, without what only its drawings and its microphone need.

Its pose landmarker comes with matplotlib and the sound library, which take as long to
import as all the rest and which it does not use here: they are imported when something of them is
asked for.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def _put_off(name: str) -> ModuleType:
    """Stand in for a module, and import it when an attribute of it is asked for."""

    def attribute(wanted: str) -> Any:  # noqa: ANN401
        return getattr(import_module(name), wanted)

    module = ModuleType(name)
    vars(module)["__getattr__"] = attribute
    return module


# Not LazyLoader: with it, importing the module a second time loads it.
_seldom = [
    name for name in ("matplotlib.pyplot", "matplotlib", "sounddevice") if name not in sys.modules
]
sys.modules.update({name: _put_off(name) for name in _seldom})
if "matplotlib" in _seldom:
    vars(sys.modules["matplotlib"])["pyplot"] = sys.modules["matplotlib.pyplot"]
try:
    from mediapipe import Image, ImageFormat
    from mediapipe.tasks.python import BaseOptions, vision
finally:
    for _name in _seldom:
        del sys.modules[_name]

__all__ = ["BaseOptions", "Image", "ImageFormat", "vision"]
