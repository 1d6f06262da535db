"""Copies of a depot, and bringing one back."""
