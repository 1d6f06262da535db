"""Searching the reads that a depot holds, as the law allows it."""
