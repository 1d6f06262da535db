"""The cars of a depot: what is known of each, and by one rule how well it is."""
