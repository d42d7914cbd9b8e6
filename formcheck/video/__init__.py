"""Clips in and out: frames with their real timestamps and the right way up, and H.264 files.

The only room that uses PyAV. Everything streams: memory does not grow with the clip's length.
Times are seconds from the first frame that decodes, taken from the container, never frame / fps.
"""

from formcheck.video.reading import grab_frames, probe, read_frames, still
from formcheck.video.reel import SIDE_PX, Reel
from formcheck.video.writing import VideoWriter, encodable

__all__ = [
    "SIDE_PX",
    "Reel",
    "VideoWriter",
    "encodable",
    "grab_frames",
    "probe",
    "read_frames",
    "still",
]
