"""The use cases, the heart of the car."""
