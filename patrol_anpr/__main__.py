"""`python -m patrol_anpr`."""

from patrol_anpr.cli import main

main()
