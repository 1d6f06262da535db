"""The letters of a number plate, and how a plate is drawn."""
