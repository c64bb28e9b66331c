"""The command line: ``portefeuille demo | serve | worker | migrate | registry … | firm … | audit …``."""

from portefeuille.cli.entry import main

__all__ = ["main"]
