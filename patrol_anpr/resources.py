"""Where the files are that come with the program: assets and models, in a checkout or in an installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_resources"
ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

ASSETS = ROOT / "assets"
MODELS = ROOT / "models"
