"""Plates, what a camera does to them, and the road of the demo drive: drawn by our own code, nothing photographed."""
