"""What the web application's role may do: use rows, never change the schema, never rewrite the audit trail."""

import psycopg
from psycopg import sql

APPEND_ONLY = ("audit_event", "audit_chain")


def grant(owner_url: str, role: str) -> bool:
    """Gives ``role`` its rights on everything in the database that ``owner_url`` opens, as the owner.

    To be run after each migration; running it twice changes nothing. The tables of the audit trail can only be read:
    the function ``audit_append`` writes there with its owner's rights.

    False, and nothing is given nor taken, where ``role`` is that owner.
    """
    who = sql.Identifier(role)
    commands = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(who),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(who),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(who),
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
        ).format(who),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}").format(who),
        sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {}").format(who),
    ]
    with psycopg.connect(owner_url, connect_timeout=10) as connection:
        if connection.execute("SELECT current_user").fetchone() == (role,):
            return False
        for command in commands:
            connection.execute(command)
        # Not on all functions: those of the extensions are not the owner's to give, and everybody's already.
        ours = connection.execute(
            "SELECT oid::regprocedure::text FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole AND prokind = 'f'"
        ).fetchall()
        for (function,) in ours:
            connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(function), who))
        for table in APPEND_ONLY:
            found = connection.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()
            if found and found[0] is not None:
                connection.execute(
                    sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(
                        sql.Identifier("public", table), who
                    )
                )
    return True
