"""Figures of what the cars did, without marks, officers or places: counted, kept by day, shown and published."""
