"""The port of the register: what a subject is shown as, what is asked of it, and the check of a proof."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portefeuille.identifiers.cleaning import Malformed
from portefeuille.registry import digests, queries
from portefeuille.registry.models import Account, AccountState, Company, FactKind, ProofFact, Regime
from portefeuille.registry.queries import Subject
from tests.registry.files import EMPLOYER, NIR, OFFICE, SHOP, load_quietly, write

EMPLOYER_ACCOUNT, SHOP_ACCOUNT, MANAGER_ACCOUNT, LIBERAL_ACCOUNT = (f"1170000012345{n}" for n in (67, 68, 69, 70))
GENERAL = Subject(Regime.GENERAL, siren=EMPLOYER)
LIBERAL = Subject(Regime.LIBERAL, siren=EMPLOYER)
MANAGER = Subject(Regime.MAJORITY_MANAGER, account_number=MANAGER_ACCOUNT)

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.mark.parametrize("both", [{}, {"siren": EMPLOYER, "account_number": EMPLOYER_ACCOUNT}])
def test_a_subject_is_a_siren_or_an_account_number(both: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="subject"):
        Subject(Regime.GENERAL, **both)


def test_the_name_of_a_company() -> None:
    assert queries.company_name(EMPLOYER) == "L'Œuvre d'Éloïse"
    assert queries.company_name("404833048") is None


def test_a_siren_has_one_line_for_each_regime_in_their_order() -> None:
    general, liberal = queries.lines_of_siren(EMPLOYER)
    assert general == queries.Line(
        subject=GENERAL,
        name="L'Œuvre d'Éloïse",
        siret=OFFICE,
        town="Savignac-les-Églises",
        postcode="24420",
        state=AccountState.ACTIVE,
        accounts=2,
        sirets=(OFFICE, SHOP),
        account_numbers=(EMPLOYER_ACCOUNT, SHOP_ACCOUNT),
        signs=("L'Atelier", "La Boutique"),
    )
    assert (liberal.subject, liberal.state) == (LIBERAL, AccountState.STRUCK_OFF)
    assert queries.lines_of_siren("404833048") == []
    assert queries.lines_of_siren("") == []


def test_a_manager_without_siret_is_a_line_of_their_own() -> None:
    found = queries.line(MANAGER)
    assert found is not None
    assert (found.name, found.siret, found.sirets, found.accounts) == ("Éloïse Lebœuf", "", (), 1)


@pytest.mark.parametrize(
    "subject",
    [
        Subject(Regime.CRAFT_TRADE, siren=EMPLOYER),
        Subject(Regime.GENERAL, account_number=MANAGER_ACCOUNT),
        Subject(Regime.GENERAL, account_number=EMPLOYER_ACCOUNT),  # it has a Siren: not reached by its number
        Subject(Regime.MAJORITY_MANAGER, account_number="999999999999999"),
    ],
)
def test_a_subject_that_does_not_exist_has_no_line(subject: Subject) -> None:
    assert queries.line(subject) is None
    assert queries.contact(subject) == ("", None) or subject.siren


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (("radie", "actif"), AccountState.ACTIVE),
        (("suspendu", "actif"), AccountState.ACTIVE),
        (("radie", "suspendu"), AccountState.SUSPENDED),
        (("radie", "radie"), AccountState.STRUCK_OFF),
    ],
)
def test_the_best_state_of_the_accounts_is_the_lines(states: tuple[str, str], shown: AccountState) -> None:
    for number, state in zip((EMPLOYER_ACCOUNT, SHOP_ACCOUNT), states, strict=True):
        Account.objects.filter(number=number).update(state=state)
    found = queries.line(GENERAL)
    assert found is not None
    assert found.state == shown


def test_the_holder_names_a_client_whose_company_is_unknown() -> None:
    Account.objects.filter(number=EMPLOYER_ACCOUNT).update(holder="Le titulaire")
    Company.objects.all().delete()
    found = queries.line(GENERAL)
    assert found is not None
    assert found.name == "Le titulaire"


def test_the_number_of_queries_does_not_grow_with_the_subjects() -> None:
    unknown = [Subject(Regime.GENERAL, siren=f"{n:09d}") for n in range(1, 300)]
    with CaptureQueriesContext(connection) as few:
        assert len(queries.lines([GENERAL])) == 1
    with CaptureQueriesContext(connection) as many:
        assert set(queries.lines([GENERAL, LIBERAL, MANAGER, *unknown])) == {GENERAL, LIBERAL, MANAGER}
    assert len(few) == len(many) == 1
    with CaptureQueriesContext(connection) as none:
        assert queries.lines([]) == {}
    assert len(none) == 0


def test_a_siret_leads_to_its_siren() -> None:
    Account.objects.filter(number=LIBERAL_ACCOUNT).update(siret="AB12345678C901")
    Account.objects.filter(number=MANAGER_ACCOUNT).update(siret="AB12345678C902")
    assert queries.siren_of("732 829 320 00074") == EMPLOYER
    assert queries.siren_of("40483304800022") == "404833048"
    assert queries.siren_of("ab12345678c901") == EMPLOYER
    assert queries.siren_of("AB12345678C902") == ""
    assert queries.siren_of("ZZ12345678C902") == ""
    assert queries.account_of_provisional("ab12345678c902") == MANAGER_ACCOUNT
    assert queries.account_of_provisional("AB12345678C901") == ""
    assert queries.account_of_provisional(OFFICE) == ""
    with pytest.raises(Malformed):
        queries.siren_of("7328293200007")


def test_a_bare_account_number_keeps_its_regime_only_where_it_is_proved_alike() -> None:
    assert queries.subject_of_account(MANAGER_ACCOUNT) == MANAGER
    for hidden in (EMPLOYER_ACCOUNT, "999999999999999"):
        assert queries.subject_of_account(hidden) == Subject(Regime.MAJORITY_MANAGER, account_number=hidden)
    Account.objects.filter(number=MANAGER_ACCOUNT).update(regime=Regime.REGULATED_LIBERAL)
    assert queries.subject_of_account(MANAGER_ACCOUNT).regime == Regime.REGULATED_LIBERAL
    Account.objects.filter(number=MANAGER_ACCOUNT).update(regime=Regime.CRAFT_TRADE)
    assert queries.subject_of_account(MANAGER_ACCOUNT).regime == Regime.MAJORITY_MANAGER


def test_an_employer_is_asked_about_the_latest_due_date_of_each_account() -> None:
    assert queries.question(GENERAL) == queries.Question(
        kind=FactKind.DECLARED_AMOUNT, due_dates=(date(2026, 10, 15), date(2026, 10, 5)), possible=True
    )


def test_a_nir_is_asked_for_without_a_date() -> None:
    assert queries.question(LIBERAL) == queries.Question(kind=FactKind.NIR, due_dates=(), possible=True)


def test_without_a_fact_nothing_can_be_asked() -> None:
    ProofFact.objects.all().delete()
    assert queries.question(GENERAL) == queries.Question(FactKind.DECLARED_AMOUNT, (), possible=False)
    assert queries.question(LIBERAL) == queries.Question(FactKind.NIR, (), possible=False)


def test_nothing_is_told_of_a_bare_account_number() -> None:
    with pytest.raises(ValueError, match="told"):
        queries.question(MANAGER)


@pytest.mark.parametrize(
    ("subject", "number", "fact"),
    [
        (GENERAL, EMPLOYER_ACCOUNT, "1234.56"),
        (GENERAL, SHOP_ACCOUNT, "55.10"),
        (LIBERAL, LIBERAL_ACCOUNT, NIR),
        (MANAGER, MANAGER_ACCOUNT, "321.09"),
    ],
)
def test_the_right_facts_prove(subject: Subject, number: str, fact: str) -> None:
    verdict = queries.verify(subject, account_number=number, fact=fact)
    assert verdict.right
    assert verdict.account_key == number.encode()
    assert verdict.account_id == Account.objects.get(number=number).pk


WRONG = [
    ("a wrong amount", GENERAL, EMPLOYER_ACCOUNT, "1234.57", True),
    ("an earlier amount", GENERAL, EMPLOYER_ACCOUNT, "987.65", True),
    ("the amount of the other account", GENERAL, SHOP_ACCOUNT, "1234.56", True),
    ("zero", GENERAL, EMPLOYER_ACCOUNT, "0.00", True),
    ("an unknown account", GENERAL, "999999999999999", "1234.56", False),
    ("an account of another regime", GENERAL, LIBERAL_ACCOUNT, NIR, False),
    ("an account of somebody else", GENERAL, MANAGER_ACCOUNT, "321.09", False),
    ("an unknown Siren", Subject(Regime.GENERAL, siren="404833048"), EMPLOYER_ACCOUNT, "1234.56", False),
    ("a wrong NIR", LIBERAL, LIBERAL_ACCOUNT, "253072B07300470", True),
    ("a NIR and another's account", LIBERAL, EMPLOYER_ACCOUNT, NIR, False),
    ("another number than the subject's", MANAGER, EMPLOYER_ACCOUNT, "1234.56", False),
    (
        "a Siren's account by its number",
        Subject(Regime.GENERAL, account_number=EMPLOYER_ACCOUNT),
        EMPLOYER_ACCOUNT,
        "1234.56",
        False,
    ),
    ("nothing", GENERAL, "", "", False),
]


@pytest.mark.parametrize(
    ("subject", "number", "fact", "known"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_anything_else_does_not(subject: Subject, number: str, fact: str, *, known: bool) -> None:
    verdict = queries.verify(subject, account_number=number, fact=fact)
    assert not verdict.right
    assert (verdict.account_key is not None) == known
    assert (verdict.account_id is not None) == known


@pytest.mark.parametrize(
    ("subject", "number", "fact"),
    [(GENERAL, EMPLOYER_ACCOUNT, "1234.56"), *[(row[1], row[2], row[3]) for row in WRONG]],
)
def test_every_path_does_the_same_work(
    subject: Subject, number: str, fact: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.FACT_KEYS = {**settings.FACT_KEYS, "older": bytes(32), "oldest": bytes(range(32))}
    made: list[str] = []
    compared: list[int] = []
    digest, compare = digests.digest, queries.hmac.compare_digest

    def counted(**parts: Any) -> bytes:
        made.append(parts["key_id"])
        return digest(**parts)

    def counted_compare(one: bytes, other: bytes) -> bool:
        compared.append(len(one) + len(other))
        return compare(one, other)

    monkeypatch.setattr(digests, "digest", counted)
    monkeypatch.setattr(queries.hmac, "compare_digest", counted_compare)
    with CaptureQueriesContext(connection) as done:
        queries.verify(subject, account_number=number, fact=fact)
    assert len(done) == 1
    assert made == list(settings.FACT_KEYS)
    assert compared == [64] * len(settings.FACT_KEYS)


def test_another_managers_number_and_amount_prove_nothing_of_this_one(tmp_path: Path, files: dict[str, Any]) -> None:
    account = files["comptes"][2] | {"numero_compte": "117000001234999"}
    fact = files["justificatifs"][3] | {"numero_compte": "117000001234999", "valeur": "77.77"}
    load_quietly(write(tmp_path / "more", {"comptes": [account], "justificatifs": [fact]}))
    own = Subject(Regime.MAJORITY_MANAGER, account_number="117000001234999")
    assert queries.verify(own, account_number="117000001234999", fact="77.77").right
    verdict = queries.verify(MANAGER, account_number="117000001234999", fact="77.77")
    assert (verdict.right, verdict.account_key, verdict.email, verdict.account_id) == (False, None, "", None)


def test_an_account_without_any_fact_proves_nothing() -> None:
    ProofFact.objects.all().delete()
    for fact in ("0.00", "1234.56", ""):
        verdict = queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact=fact)
        assert not verdict.right
        assert verdict.account_id is not None


def test_facts_verify_with_the_key_that_made_them_and_no_other(settings: Any, loaded: Path) -> None:
    old = settings.FACT_KEYS
    settings.FACT_KEYS = {"newest": bytes(32), **old}
    assert queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact="1234.56").right
    settings.FACT_KEYS = {"newest": bytes(32)}
    assert not queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact="1234.56").right
    # The same key under another name, or another key under the same one.
    name, key = next(iter(old.items()))
    settings.FACT_KEYS = {"renamed": key}
    assert not queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact="1234.56").right
    settings.FACT_KEYS = {name: bytes(32)}
    assert not queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact="1234.56").right
    # Loading the facts again brings them under the current key.
    settings.FACT_KEYS = {"newest": bytes(32), **old}
    report = load_quietly(loaded)
    assert [file.changed for file in report.files if file.name == "justificatifs.csv"] == [5]
    settings.FACT_KEYS = {"newest": bytes(32)}
    assert queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact="1234.56").right


def test_a_guessable_latest_fact_leaves_the_one_before(tmp_path: Path, files: dict[str, Any]) -> None:
    for rank, guessable in enumerate(("0.00", "1128.00")):
        latest = {"numero_compte": EMPLOYER_ACCOUNT, "nature": "montant_declaration"}
        latest |= {"echeance": f"2026-11-{15 + rank}", "valeur": guessable}
        load_quietly(write(tmp_path / "more", {"justificatifs": [latest]}))
        assert queries.question(GENERAL).due_dates[0] == date(2026, 10, 15)
        assert not queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact=guessable).right
        assert queries.verify(GENERAL, account_number=EMPLOYER_ACCOUNT, fact="1234.56").right


def test_who_to_tell() -> None:
    first = Account.objects.get(number=EMPLOYER_ACCOUNT)
    assert queries.contact(GENERAL) == ("paie@example.org", first.pk)
    liberal = Account.objects.get(number=LIBERAL_ACCOUNT)
    assert queries.contact(LIBERAL) == ("contact@example.org", liberal.pk)
    Company.objects.update(email="")
    assert queries.contact(LIBERAL) == ("", liberal.pk)
    manager = Account.objects.get(number=MANAGER_ACCOUNT)
    assert queries.contact(MANAGER) == ("", manager.pk)
    assert queries.verify(MANAGER, account_number=MANAGER_ACCOUNT, fact="321.09").email == ""
    assert queries.verify(GENERAL, account_number=SHOP_ACCOUNT, fact="55.10").email == ""
