"""The use cases: what the screen and the command line call."""
