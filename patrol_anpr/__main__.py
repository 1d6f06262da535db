"""`python -m patrol_anpr`."""

from patrol_anpr.commands.cli import main

main()
