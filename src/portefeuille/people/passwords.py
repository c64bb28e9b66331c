"""How passwords are kept: Argon2id with OWASP's figures for a server that many people share."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Two passes over 19 MiB, one lane: some 20 ms of one core, little enough memory for many at once."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
