"""OpenCV, imported once and put in order: import `cv2` from here, never directly, in this room."""

import os

# FFmpeg prints each broken frame to stderr and V4L2 waits 10 s for a camera that was pulled out; both read these at
# their first use, so they must stand before it. A value somebody set on purpose is left alone.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "4")
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")  # opening a camera takes 20 s with them

import cv2

# The wheel points Qt at plugins of its own, which PySide6 then loads and dies of.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_name, None)

cv2.setNumThreads(1)  # one thread a camera already fills the cores
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what fails is raised or told by our own sentences

__all__ = ["cv2"]
