"""The production settings, with one more address: the trivial view that everything is compared with."""

from portefeuille.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
