"""The texts of the catalogue, and the amounts that prove nothing: changed by agents, with what follows from it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from portefeuille.audit.models import Event
from portefeuille.catalogue import selection
from portefeuille.catalogue.editing import change_entry
from portefeuille.catalogue.models import Service
from portefeuille.registry import digests, flat_rates
from portefeuille.registry.feeds.loading import LOADING
from portefeuille.registry.models import Account, FlatRateAmount, ProofFact, Regime
from portefeuille.registry.queries import question, verify
from tests.cast import REGULATED, STRUCK_OFF, Cast
from tests.web.reading import rows


def test_an_entry_is_worded_anew_and_keeps_its_code_and_its_bit(cast: Cast) -> None:
    entry = Service.objects.get(code="attestations")
    wanted = {"label": "Vos attestations", "position": 3, "regimes": [Regime.LIBERAL, Regime.GENERAL]}
    assert change_entry(actor="agent:x", kind="service", code=entry.code, **wanted) is True  # type: ignore[arg-type]
    changed = Service.objects.get(code="attestations")
    assert (changed.label, changed.position, changed.bit, changed.group) == (
        "Vos attestations", 3, entry.bit, entry.group,
    )  # fmt: skip
    assert changed.regimes == ["RG", "PL"]
    event = Event.objects.get(verb="agent.catalogue_changed")
    assert event.subject == "service:attestations"
    assert event.before["label"] == entry.label
    before = rows()
    assert change_entry(actor="agent:x", kind="service", code=entry.code, **wanted) is False  # type: ignore[arg-type]
    assert change_entry(actor="agent:x", kind="notice", code="dpae", **wanted) is None  # type: ignore[arg-type]
    assert rows() == before


def test_this_process_sees_it_at_once_and_others_within_a_minute(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    first = selection.catalogue()
    with django_capture_on_commit_callbacks(execute=True):
        change_entry(
            actor="agent:x", kind="service", code="attestations", label="Autrement", position=1, regimes=list(Regime)
        )
    try:
        assert selection.catalogue() is not first
        assert "Autrement" in {entry.label for entry in selection.catalogue().services}
    finally:
        selection.read_again()
    assert selection.FRESH_FOR <= 60


def test_facts_that_equal_a_new_flat_rate_are_no_longer_asked_about(cast: Cast) -> None:
    account = Account.objects.get(number=STRUCK_OFF.account)
    kept = ProofFact.objects.exclude(account=account).count()
    assert verify(STRUCK_OFF.subject, account_number=STRUCK_OFF.account, fact=STRUCK_OFF.amount).right
    assert flat_rates.add(actor="agent:x", value=Decimal(STRUCK_OFF.amount), label="Barème")
    assert not flat_rates.add(actor="agent:x", value=Decimal(STRUCK_OFF.amount), label="Encore")
    assert flat_rates.flat_rates()[0].applied_at is None
    assert flat_rates.apply_due() == 1
    assert flat_rates.apply_due() == 0
    assert not verify(STRUCK_OFF.subject, account_number=STRUCK_OFF.account, fact=STRUCK_OFF.amount).right
    assert not question(STRUCK_OFF.subject).possible
    assert ProofFact.objects.exclude(account=account).count() == kept
    event = Event.objects.get(verb="agent.flat_rate_changed")
    assert event.after == {"act": "added", "label": "Barème"}


def test_facts_under_an_older_key_go_too(cast: Cast) -> None:
    account = Account.objects.get(number=STRUCK_OFF.account)
    fact = ProofFact.objects.get(account=account)
    old = digests.key_ids()[-1]
    assert old != fact.key_id
    fact.key_id, fact.digest = (
        old,
        digests.digest(
            account_number=account.number, kind=fact.kind, due_date=fact.due_date, value=STRUCK_OFF.amount, key_id=old
        ),
    )
    fact.save()
    flat_rates.add(actor="agent:x", value=Decimal(STRUCK_OFF.amount), label="Barème")
    flat_rates.apply_due()
    assert not ProofFact.objects.filter(account=account).exists()


def test_a_flat_rate_waits_for_the_end_of_a_load(committed_cast: Cast) -> None:
    flat_rates.add(actor="agent:x", value=Decimal(STRUCK_OFF.amount), label="Barème")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOADING])
        assert flat_rates.apply_due() == 0
        assert ProofFact.objects.filter(account__number=STRUCK_OFF.account).exists()
        with other.cursor() as cursor:  # closing gives it back too, but when the server finds the time
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOADING])
    finally:
        other.close()
    assert flat_rates.apply_due() == 1


def test_a_removed_flat_rate_is_gone_once(cast: Cast) -> None:
    flat_rates.add(actor="agent:x", value=Decimal("12.30"), label="Barème")
    pk = FlatRateAmount.objects.get().pk
    assert flat_rates.remove(actor="agent:x", flat_rate=pk)
    assert not flat_rates.remove(actor="agent:x", flat_rate=pk)
    assert Event.objects.filter(verb="agent.flat_rate_changed").count() == 2


@pytest.mark.parametrize("typed", ["", "zéro", "0", "0,00", "-3", "1,234", "12,345", "9" * 40])
def test_what_is_no_flat_rate_is_refused_beside_the_field(browse: Any, typed: str) -> None:
    browser = browse("ada")
    before = rows()
    answer = browser.post("/organisme/forfaits/ajouter/", {"montant": typed, "libelle": "Barème"})
    assert answer.status_code == 200
    assert 'id="id_montant-erreur"' in answer.content.decode()
    assert rows() == before


def test_a_label_never_keeps_an_amount(browse: Any) -> None:
    browser = browse("ada")
    before = rows()
    answer = browser.post(
        "/organisme/forfaits/ajouter/", {"montant": "33,10", "libelle": f"Forfait de {REGULATED.amount} €"}
    )
    assert "ni montant" in answer.content.decode()
    assert rows() == before
