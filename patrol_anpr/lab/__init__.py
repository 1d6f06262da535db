"""Benches, drawings, sample data and screenshots. Nothing a car runs imports it."""
