"""`python -m engine.cli`: the same as `aftercare`, where the script is not installed."""

from engine.cli import app

app()
