"""The officers of a force: the file they come by, what it changes, and whether training and policy are good."""
