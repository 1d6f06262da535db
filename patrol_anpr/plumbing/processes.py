"""Starting other programs."""

import subprocess
import sys

if sys.platform == "win32":
    NO_WINDOW = subprocess.CREATE_NO_WINDOW
else:
    NO_WINDOW = 0
"""For Popen's `creationflags`: without it a program started on Windows opens a console window over ours."""
