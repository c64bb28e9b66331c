"""Who may change a team. Asked inside the transaction of the change, on locked rows."""

from django.db import connection


def lock_administrators(firm_id: int) -> list[int]:
    """The ids of a firm's administrators, whose rows stay locked until the transaction ends.

    Whatever changes who is one asks this first, so that two who demote each other in the same second do it one after
    the other, and the second finds that it may not any more. Taken before every other lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM firms_member WHERE firm_id = %s AND active AND role = 'administrator'"
            " ORDER BY id FOR NO KEY UPDATE",
            [firm_id],
        )
        return [row[0] for row in cursor.fetchall()]
