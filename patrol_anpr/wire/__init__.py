"""What travels between car and depot."""
