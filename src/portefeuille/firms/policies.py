"""Who may change a team. Asked inside the transaction of the change, on locked rows."""

from django.db import connection


def lock_administrators(firm_id: int) -> list[int]:
    """The ids of a firm's administrators who can sign in, whose rows stay locked until the transaction ends.

    Somebody whose identifier an agent closed administers nothing: without this, the last one who works could leave.

    Whatever changes who is one asks this first, so that two who demote each other in the same second do it one after
    the other, and the second finds that it may not any more. Taken before every other lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM firms_member m JOIN people_user u ON u.id = m.user_id"
            " WHERE m.firm_id = %s AND m.active AND m.role = 'administrator' AND u.is_active"
            " ORDER BY m.id FOR NO KEY UPDATE OF m",
            [firm_id],
        )
        return [row[0] for row in cursor.fetchall()]
