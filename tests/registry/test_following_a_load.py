"""Whatever repeats the register follows a load once it is there, in spite of what happens meanwhile."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from portefeuille.audit.models import Event
from portefeuille.cli.register import load
from portefeuille.enrolments import following
from portefeuille.enrolments.actions import terminate, undo_termination
from portefeuille.enrolments.following import follow_new, follow_old
from portefeuille.enrolments.models import Enrolment
from portefeuille.enrolments.results import Restored
from portefeuille.registry import feeds, touched
from portefeuille.registry.models import Account, AccountState, Touched
from tests.cast import CLIENTS, EMPLOYER, MANAGER, Cast
from tests.enrolments.books import assert_the_books_balance

HEADER = "numero_compte,regime,organisme,siren,siret,titulaire,code_postal,commune,etat,date_etat,courriel\n"
LATER = timedelta(seconds=61)


@pytest.fixture
def struck_off_feed(tmp_path: Path) -> Path:
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "comptes.csv").write_text(
        HEADER
        + f"{EMPLOYER.account},RG,117,{EMPLOYER.siren},{EMPLOYER.siret},Œuvrard,24260,Savignac,radie,2026-11-01,\n"
        + f"{MANAGER.account},GM,117,,,Autre Nom,24260,Savignac,actif,2026-11-01,\n",
        encoding="utf-8",
    )
    return folder


def age(by: timedelta = LATER) -> None:
    """As if so much time had passed since everybody was noted or followed."""
    for noted in Touched.objects.all():
        noted.noted_at -= by
        noted.followed_at = noted.followed_at and noted.followed_at - by
        noted.save()


def test_enrolments_follow_each_file_of_a_load(cast: Cast, struck_off_feed: Path, tmp_path: Path) -> None:
    cast.enrol(EMPLOYER)
    cast.enrol(MANAGER)
    seen = []

    def follow() -> None:
        seen.append(follow_new())

    feeds.load(struck_off_feed, lambda _: None, rejects=tmp_path, follow=follow)
    assert seen == [2]
    assert Enrolment.objects.get(siren=EMPLOYER.siren).account_state == "radie"
    assert Enrolment.objects.get(siren="").name == "Autre Nom"
    assert follow_new() == 0


def test_what_a_load_that_dies_left_is_followed_by_the_worker(
    cast: Cast, struck_off_feed: Path, tmp_path: Path
) -> None:
    cast.enrol(EMPLOYER)

    def dies() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feeds.load(struck_off_feed, lambda _: None, rejects=tmp_path, follow=dies)
    assert Account.objects.get(number=EMPLOYER.account).state == "radie"
    assert follow_old() == 0  # the load may be about to do it
    age()
    assert follow_old() == 2
    assert Enrolment.objects.get().account_state == "radie"
    assert not Touched.objects.exists()


def test_who_was_added_while_the_file_was_committed_follows_a_minute_later(
    cast: Cast, struck_off_feed: Path, tmp_path: Path
) -> None:
    feeds.load(struck_off_feed, lambda _: None, rejects=tmp_path, follow=follow_new)
    # What an addition writes that read the register before the load, and ends after the first following.
    cast.enrol(EMPLOYER)
    Enrolment.objects.update(account_state=AccountState.ACTIVE)
    age(timedelta(seconds=59))
    assert follow_old() == 0
    age(timedelta(seconds=2))
    assert follow_old() == 2
    assert Enrolment.objects.get().account_state == "radie"
    assert follow_old() == 0


def test_portions_are_followed_one_after_the_other(
    cast: Cast, worst_plan: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touched, "PORTION", 2)
    for client in CLIENTS:
        cast.enrol(client)
    Account.objects.update(state=AccountState.SUSPENDED)
    with connection.cursor() as cursor:
        touched.note(cursor, "SELECT siren, CASE siren WHEN '' THEN number ELSE '' END FROM registry_account")
    portions = 0
    follow = following.follow_register

    def counted(**clients: set[str]) -> int:
        nonlocal portions
        portions += any(clients.values())
        return follow(**clients)

    monkeypatch.setattr(following, "follow_register", counted)
    follow_new()
    assert portions == -(-Account.objects.count() // 2)
    assert set(Enrolment.objects.values_list("account_state", flat=True)) == {"suspendu"}
    assert Touched.objects.filter(followed_at__lte=timezone.now()).count() == Account.objects.count()
    age(touched.AGAIN * 2)
    assert follow_old() == 2


def test_what_is_brought_back_follows_the_feeds_that_came_meanwhile(
    cast: Cast, struck_off_feed: Path, tmp_path: Path
) -> None:
    """A feed follows what is live: what a firm ended, and brings back, would stay as it was before."""
    uids = [cast.enrol(client).uid for client in (EMPLOYER, MANAGER)]
    ended = terminate(access=cast.access("alice"), enrolments=uids)
    feeds.load(struck_off_feed, lambda _: None, rejects=tmp_path, follow=follow_new)
    age()
    follow_old()
    assert isinstance(undo_termination(access=cast.access("alice"), ending=ended.ending), Restored)
    assert follow_old() == 0
    age()
    assert follow_old() == 2
    assert Enrolment.objects.get(siren=EMPLOYER.siren).account_state == "radie"
    assert Enrolment.objects.get(siren="").name == "Autre Nom"
    assert Event.objects.get(verb="enrolment.account_struck_off").subject == f"enrolment:{uids[0]}"
    assert_the_books_balance()


def test_a_following_that_fails_is_taken_up_again(
    cast: Cast, struck_off_feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.enrol(EMPLOYER)
    feeds.load(struck_off_feed, lambda _: None, rejects=tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(following, "columns_of", lambda _line: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            follow_new()
    assert follow_new() == 1


@pytest.mark.django_db(transaction=True)
def test_a_load_goes_on_past_an_enrolment_that_somebody_holds(
    committed_cast: Cast, struck_off_feed: Path, tmp_path: Path
) -> None:
    committed_cast.enrol(EMPLOYER)
    (struck_off_feed / "justificatifs.csv").write_text("numero_compte,nature,echeance,valeur\n", encoding="utf-8")
    told: list[str] = []
    with psycopg.connect(**connection.get_connection_params()) as other:  # type: ignore[arg-type]
        other.execute("SELECT FROM enrolments_enrolment FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 50")
        report, followed = load(struck_off_feed, told.append, rejects=tmp_path)
        connection.close()
    assert report.is_clean
    assert [file.name for file in report.files] == ["comptes.csv", "justificatifs.csv"]
    assert followed == 0
    assert any("the worker" in line for line in told)
    age()
    assert follow_old() == 2
    assert Enrolment.objects.get().account_state == "radie"
