"""The print queue: every letter in one PDF once, its code in it and nowhere else."""

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pypdf import PdfReader

from portefeuille.audit.models import Event
from portefeuille.backoffice import letters
from portefeuille.backoffice.letters import NothingToPrint, Printed, print_letters
from portefeuille.backoffice.messages import retry_message
from portefeuille.backoffice.models import LetterBatch
from portefeuille.backoffice.results import Done, NotAllowed, NothingToDo
from portefeuille.outbox.actions import CODE, post
from portefeuille.outbox.models import Message
from portefeuille.outbox.printing import retry
from portefeuille.registry.models import Account, Establishment
from tests.cast import INDEPENDENT, MANAGER, Cast

SECRET = "K7Q2M-9XH4T"


def write(account: Account | None, *, secret: str = SECRET) -> None:
    with transaction.atomic():
        post(
            recipient="",
            account_id=account.pk if account else None,
            subject="Votre code",
            body=f"Bonjour,\n\nVotre code :\n{CODE}\n\n«\u202fGardez-le.\u202f» #let x = 1",
            secret=secret,
        )


def account_of(client: Any) -> Account:
    return Account.objects.get(number=client.account)


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_each_letter_has_its_page_its_address_and_its_code(cast: Cast) -> None:
    Establishment.objects.filter(siret=INDEPENDENT.siret).update(address="12 rue de l'Église", postcode="24260")
    write(account_of(INDEPENDENT))
    write(account_of(MANAGER), secret="AAAAA-BBBBB")
    result = print_letters(actor="command:tests")
    assert isinstance(result, Printed)
    assert (result.letters, result.unaddressed) == (2, 0)
    first, second = pages(result.pdf)
    for said in ("Élodie Martin-L'Hôte", "12 rue de l'Église", "24260 SAVIGNAC", "Objet\u00a0: Votre code", SECRET):
        assert said.replace("\u00a0", " ") in first.replace("\u00a0", " ")
    assert "#let x = 1" in first  # what a body holds is never a program
    assert "AAAAA-BBBBB" in second
    assert SECRET not in second
    (width, height) = PdfReader(io.BytesIO(result.pdf)).pages[0].mediabox[2:]
    assert (round(float(width)), round(float(height))) == (595, 842)


def test_a_letter_whose_key_is_not_there_is_not_printed_without_its_code(cast: Cast, settings: Any) -> None:
    ours, settings.SECRET_KEY = settings.SECRET_KEY, "another one, that is gone"
    write(account_of(INDEPENDENT))
    settings.SECRET_KEY = ours
    write(account_of(MANAGER), secret="AAAAA-BBBBB")
    result = print_letters(actor="command:tests")
    assert isinstance(result, Printed)
    assert result.letters == 1
    lost = Message.objects.get(state="dead")
    assert lost.failure == "SecretLost"
    settings.SECRET_KEY_FALLBACKS = ["another one, that is gone"]
    assert retry(lost.pk)
    again = print_letters(actor="command:tests")
    assert isinstance(again, Printed)
    assert SECRET in pages(again.pdf)[0]


def test_printed_letters_are_sent_and_their_codes_forgotten(cast: Cast) -> None:
    write(account_of(INDEPENDENT))
    result = print_letters(actor="command:tests")
    assert isinstance(result, Printed)
    letter = Message.objects.get(channel="letter")
    assert (letter.state, letter.secret) == ("sent", "")
    assert letter.sent_at is not None
    kept = LetterBatch.objects.get()
    assert SECRET not in kept.sealed
    assert letters.content(kept.uid) == result.pdf
    event = Event.objects.get(verb="agent.letters_printed")
    assert event.after == {"letters": 1, "unaddressed": 0}
    assert print_letters(actor="command:tests") == NothingToPrint()


def test_a_pdf_is_kept_for_the_day_only(cast: Cast) -> None:
    write(account_of(INDEPENDENT))
    result = print_letters(actor="command:tests")
    assert isinstance(result, Printed)
    assert [batch.uid for batch in letters.todays_batches()] == [result.batch]
    LetterBatch.objects.update(printed_at=timezone.now() - timedelta(days=1))
    assert letters.content(result.batch) is None
    assert letters.todays_batches() == []
    assert letters.forget_old_batches() == 1
    assert LetterBatch.objects.get().sealed == ""


def test_letters_without_an_address_are_given_up_and_can_wait_again(cast: Cast, agent: Any) -> None:
    Account.objects.filter(number=MANAGER.account).update(town="")
    write(account_of(MANAGER))
    write(None)
    assert print_letters(actor="command:tests") == NothingToPrint(unaddressed=2)
    dead = Message.objects.filter(state="dead").order_by("pk")
    assert [message.failure for message in dead] == ["no postal address"] * 2
    uid = dead[0].uid
    assert isinstance(retry_message(agent=agent("ida"), message=uid), NotAllowed)
    assert isinstance(retry_message(agent=agent("ada"), message=uid), Done)
    assert isinstance(retry_message(agent=agent("ada"), message=uid), NothingToDo)
    Account.objects.filter(number=MANAGER.account).update(town="Savignac")
    result = print_letters(actor="command:tests")
    assert isinstance(result, Printed)
    assert SECRET in pages(result.pdf)[0]


def test_a_failure_while_printing_loses_no_letter(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    write(account_of(INDEPENDENT))
    monkeypatch.setattr(letters, "_PAGE", letters._PAGE.with_name("nowhere.typ"))
    with pytest.raises(Exception, match="No such file"):
        print_letters(actor="command:tests")
    assert Message.objects.get(channel="letter").state == "waiting"
    assert not LetterBatch.objects.exists()


def test_of_agents_who_print_at_once_each_gets_other_letters(committed_cast: Cast) -> None:
    for _ in range(12):
        write(account_of(INDEPENDENT), secret="")
    found: list[Printed | NothingToPrint] = []
    start = threading.Barrier(4)

    def press() -> None:
        start.wait()
        try:
            found.append(print_letters(actor="command:tests"))
        finally:
            connection.close()

    crew = [threading.Thread(target=press) for _ in range(4)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert len(found) == 4
    assert sum(result.letters for result in found if isinstance(result, Printed)) == 12
    assert Message.objects.filter(channel="letter", state="sent", attempts=1).count() == 12
