"""The settings with throw-away secrets, for tools that only read code: mypy, makemigrations --check."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tools-that-read-code")
os.environ.setdefault("DATABASE_URL", "postgresql:///nowhere")

from portefeuille.config.settings import *  # noqa: F403
