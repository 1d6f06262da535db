"""Where frames come from: sources, grab threads, reconnection, camera states."""
