"""The files that bring the register in: ``check`` a folder, ``load`` it. Formats: docs/feeds/*.json."""

from portefeuille.registry.feeds.loading import check, load, load_sirene
from portefeuille.registry.feeds.reporting import FeedReport, FileReport

__all__ = ["FeedReport", "FileReport", "check", "load", "load_sirene"]
