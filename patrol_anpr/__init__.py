"""Patrol ANPR: reads number plates from a patrol car's cameras and checks them against hotlists."""

import os

__version__ = "0.1.0"

# No telemetry. onnxruntime reports its use to its maker and keeps a device id unless this is set before its import, and
# ultralytics (in models/recipes only) does the like and installs packages by itself. It stands here because every way
# to start the program imports this package first; child processes inherit it. What the environment said before does
# not count: this is a promise.
os.environ.update(ORT_DISABLE_TELEMETRY="1", YOLO_OFFLINE="true", YOLO_AUTOINSTALL="false")
