"""Our own plates and road scenes, drawn: for the demo drive, the tests and the training recipes."""
