"""The depot's console: web pages for the force's staff. Rules and records are the depot's; here are routes and forms.

It is a program apart from what the cars speak to, so that what serves cars never holds rights to look into reads.
"""

from patrol_anpr.console.app import create_console
from patrol_anpr.console.server import ConsoleServer, serve_console

__all__ = ["ConsoleServer", "create_console", "serve_console"]
