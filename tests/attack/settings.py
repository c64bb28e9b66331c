"""The production settings, with passwords that cost nothing: thousands of members are made, and none is attacked."""

from portefeuille.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
