"""Neither middleware nor applications: what the bare stack answers a trivial view for."""

from portefeuille.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.nothing"
MIDDLEWARE: list[str] = []
INSTALLED_APPS: list[str] = []
