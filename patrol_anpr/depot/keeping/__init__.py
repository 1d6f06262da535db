"""How long the depot keeps what, erasing what is past its date, and holding what is evidence."""
