"""What nobody can use any more goes, in small batches; what is live stays."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portefeuille.people import forgetting, links
from portefeuille.people.models import Link, Session
from tests.cast import Cast


def test_expired_sessions_go_and_live_ones_stay(cast: Cast, browse: Any) -> None:
    live = browse("bob")
    Session.objects.create(session_key="f" * 40, session_data="", expire_date=timezone.now() - timedelta(seconds=1))
    assert forgetting.forget_spent() == 1
    assert forgetting.forget_spent() == 0
    assert live.get("/mon-compte/").status_code == 200


def test_links_go_a_month_after_they_were_spent(cast: Cast) -> None:
    def link(**times: Any) -> int:
        links.issue(Link.Purpose.RESET, email="bob@alder.example")
        row = Link.objects.latest("pk")
        Link.objects.filter(pk=row.pk).update(**times)
        return int(row.pk)

    now, month = timezone.now(), forgetting.KEPT
    stay = {link(), link(ended_at=now), link(expires_at=now - timedelta(days=29))}
    link(ended_at=now - month)
    link(expires_at=now - month)
    assert forgetting.forget_spent() == 2
    assert set(Link.objects.values_list("pk", flat=True)) == stay


def test_a_batch_is_small_whatever_the_plan(cast: Cast, worst_plan: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    past = timezone.now() - timedelta(days=1)
    Session.objects.bulk_create(Session(session_key=f"{n:040d}", session_data="", expire_date=past) for n in range(5))
    assert [forgetting.forget_spent() for _ in range(4)] == [2, 2, 1, 0]


def test_a_batch_of_links_is_small_whatever_the_plan(cast: Cast, worst_plan: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for _ in range(3):
        links.issue(Link.Purpose.RESET, email="bob@alder.example")
    Link.objects.update(ended_at=timezone.now() - forgetting.KEPT)
    assert [forgetting.forget_spent() for _ in range(3)] == [2, 1, 0]
