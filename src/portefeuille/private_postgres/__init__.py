"""A PostgreSQL of our own, for where no ``DATABASE_URL`` is given: demonstrations, tests, one-machine deployments.

``with running(data_dir) as cluster:`` starts it, or joins it where it already runs, and the last user to leave stops
it. It listens on a Unix socket only and every role has a password, kept in ``data_dir/secrets.json``.
"""

from portefeuille.private_postgres.cluster import APP, OWNER, SUPERUSER, Cluster, running
from portefeuille.private_postgres.trouble import Trouble

__all__ = ["APP", "OWNER", "SUPERUSER", "Cluster", "Trouble", "running"]
