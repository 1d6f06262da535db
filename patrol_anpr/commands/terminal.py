"""What the command line says beside its results: complaints and progress, both on stderr."""

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def complain(sentence: str) -> None:
    """Print a sentence for the person at the terminal, on stderr."""
    typer.secho(f"patrol-anpr: {sentence}", err=True, fg="red")


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
