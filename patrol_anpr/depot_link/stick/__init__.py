"""The second road to the depot: a USB stick. What is on it is what goes over the line, and is believed no sooner."""
