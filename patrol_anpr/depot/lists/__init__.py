"""Lists as the depot publishes them: signed by their owners, for the cars they are meant for."""
