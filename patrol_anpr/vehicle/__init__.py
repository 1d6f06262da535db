"""The car around us: GPS, clock, health."""
