"""What the command line says: results, and beside them, on stderr, complaints and progress.

A terminal that was closed, or a program that no longer reads the results, ends no patrol.
"""

import io
import os
import sys
from collections.abc import Callable
from typing import IO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def print_any_letter() -> None:
    """Have a letter that the terminal's encoding lacks printed as a question mark: it must end no command."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")


def say(line: str = "") -> None:
    """Print a line of the results, at once."""
    _print(sys.stdout, lambda: typer.echo(line))


def complain(sentence: str) -> None:
    """Print a sentence for the person at the terminal, on stderr."""
    _print(sys.stderr, lambda: typer.secho(f"patrol-anpr: {sentence}", err=True, fg="red"))


def _print(stream: IO[str], write: Callable[[], None]) -> None:
    try:
        write()
        stream.flush()
    except OSError:  # whoever read it is gone: what comes now goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def progress_bar() -> Progress:
    """A bar with counts and time left, on stderr, gone when done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
