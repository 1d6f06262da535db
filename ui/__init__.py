"""The screen. PySide6 lives only here; it talks to patrol.py and listens to domain events."""
