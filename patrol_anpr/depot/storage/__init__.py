"""Where the depot keeps what is too large for its database: pictures, many to one object."""
