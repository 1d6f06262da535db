"""Patrol ANPR: reads number plates from a patrol car's cameras and checks them against hotlists."""

__version__ = "0.1.0"
