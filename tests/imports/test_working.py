"""From the file to the clients in the portfolio, through the verb of the page."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.models import ClientRule, Enrolment
from portefeuille.firms.models import Firm, Member, PortfolioGrant
from portefeuille.imports import actions, queries, working
from portefeuille.imports.headings import Column
from portefeuille.imports.lines import (
    ASIDE,
    LOST_DIGITS,
    NO_ACCOUNT,
    NO_AMOUNT,
    NO_CLIENT,
    NO_NIR,
    NO_PORTFOLIO,
    NO_SUCH_REGIME,
    ONLY_BY_LETTER,
    OURS,
    TWICE,
    UNKNOWN,
    WHICH_REGIME,
    Check,
    Outcome,
)
from portefeuille.imports.models import BLOCK_ROWS, Block, Import
from portefeuille.imports.results import Done, NoPortfolio, NotNow, Received, TooMany, Unreadable
from portefeuille.imports.working import ASKED, CLOSED, NOT_PROVED, STOPPED
from portefeuille.outbox.models import Message
from portefeuille.registry.models import ProofFact
from tests.cast import CLIENTS, EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, REGULATED, STRUCK_OFF, Cast
from tests.enrolments.books import assert_the_books_balance
from tests.imports.files import csv_text
from tests.imports.journey import (
    ADDRESS,
    check,
    content,
    everybody,
    fresh,
    received,
    results,
    row,
    start,
    through,
    work_to_the_end,
)


def remarks(of: Import) -> list[tuple[str, str]]:
    """(sign, sentence) of each line."""
    found = []
    for block in Block.objects.filter(of=of).order_by("number"):
        found += [(sign, (block.remarks.get(str(n)) or ("", ""))[1]) for n, sign in enumerate(block.checked)]
    return found


def test_every_client_of_a_file_is_added_as_from_the_page(cast: Cast) -> None:
    of = through(cast, everybody())
    assert results(of) == [("ajouté", "")] * len(CLIENTS)
    assert (of.state, of.ending) == ("done", "")
    assert {(e.siren, e.account_number, e.regime) for e in Enrolment.objects.order_by("pk")} == {
        (client.subject.siren, client.subject.account_number, client.regime) for client in CLIENTS
    }
    assert Event.objects.filter(verb="enrolment.added").count() == len(CLIENTS)
    # The clients, and the member.
    assert Message.objects.count() == len(CLIENTS) + 1
    told = Message.objects.get(recipient="alice@alder.example")
    assert told.subject == "Votre ajout en nombre est terminé"
    assert f"/ajouter/en-nombre/{of.uid}/" in told.body


def test_a_check_spends_nothing_and_adds_nobody(cast: Cast) -> None:
    wrong = row(EMPLOYER, amount="1,07")
    before = Event.objects.count()
    of = check(cast, received(cast, [wrong, row(INDEPENDENT)]))
    assert remarks(of) == [("o", ""), ("o", "")]
    assert Enrolment.objects.count() == 0
    assert Event.objects.count() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM throttling_budget")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("line", "sign", "sentence"),
    [
        (row(EMPLOYER), "o", ""),
        (row(EMPLOYER, siren="732?829?320", amount="48?317,29?€"), "o", ""),
        (row(STRUCK_OFF), "r", "Ce compte est radié."),
        (row(EMPLOYER, siren="732 829 320 00074"), "o", ""),
        (row(EMPLOYER, siren="7,3282932000074E+13"), "o", ""),
        (row(EMPLOYER, siren="7,33E+13"), "f", LOST_DIGITS),
        (row(EMPLOYER, account="1,17E+17"), "f", LOST_DIGITS),
        (row(EMPLOYER, account="000117000001234567890"), "o", ""),
        (row(EMPLOYER, siren="732829321"), "f", None),
        (row(EMPLOYER, siren="73282932"), "f", None),
        (row(EMPLOYER, siren="321654982"), "f", None),
        (row(EMPLOYER, siren="552081317"), "f", UNKNOWN),
        (row(EMPLOYER, account=""), "f", NO_ACCOUNT),
        (row(EMPLOYER, amount=""), "f", WHICH_REGIME),
        (row(INDEPENDENT, nir=""), "f", NO_NIR),
        (row(REGULATED, amount=""), "f", NO_AMOUNT),
        (row(REGULATED, amount="1.234"), "f", None),
        (row(REGULATED, amount="néant"), "f", NO_AMOUNT),
        (row(REGULATED, amount="12/10/2026"), "f", None),
        (row(REGULATED, **{"in": "employeurs"}), "o", ""),
        (row(REGULATED, **{"in": "Bureau"}), "f", NO_PORTFOLIO),
        (row(MANAGER), "o", ""),
        (row(MANAGER, account="999000000000000017"), "o", ""),
        (["", "", "", "", "x"], "n", ASIDE),
        (["Total", "", "1 234,00", "", ""], "n", ASIDE),
        (["", EMPLOYER.account, EMPLOYER.amount, "", ""], "o", ""),
        (["à demander", "", "1 234,00", "182 03 75", ""], "f", NO_CLIENT),
        (["Siren : 732 829 320", EMPLOYER.account, EMPLOYER.amount, "", ""], "o", ""),
        (["732 829 320 RCS Lyon", f"Urssaf n° {EMPLOYER.account}", EMPLOYER.amount, "", ""], "o", ""),
        (["Total", "3", "", "", ""], "f", None),
    ],
)
def test_what_a_check_says_of_a_line(cast: Cast, line: list[str], sign: str, sentence: str | None) -> None:
    ((found, said),) = remarks(check(cast, received(cast, [line])))
    assert found == sign
    if sentence is None:
        assert said.endswith(".")
    else:
        assert said == sentence
    for cell in line:
        assert len(cell) < 5 or cell not in said


def test_the_regime_is_the_one_that_the_facts_can_prove(cast: Cast) -> None:
    of = through(cast, [row(EMPLOYER), row(LIBERAL_SAME_SIREN)])
    assert results(of) == [("ajouté", "")] * 2


def test_twice_in_the_file_and_already_in_the_portfolio(cast: Cast) -> None:
    cast.enrol(INDEPENDENT)
    of = check(cast, received(cast, [row(EMPLOYER), row(EMPLOYER, siren=EMPLOYER.siret), row(INDEPENDENT)]))
    assert remarks(of) == [("o", ""), ("d", TWICE), ("a", OURS)]
    assert {sign: number for sign, number in queries.checks(of).items() if number} == {
        Check.READY: 1,
        Check.TWICE: 1,
        Check.OURS: 1,
    }
    start(cast, of)
    work_to_the_end()
    assert results(fresh(of)) == [("ajouté", ""), ("non essayé", TWICE), ("déjà à vous", OURS)]
    assert_all_is_told_of(fresh(of))


def assert_all_is_told_of(of: Import) -> None:
    assert sum(queries.outcomes(of).values()) == of.rows


def test_twice_in_the_file_far_apart(cast: Cast) -> None:
    filler = [["", "", "", "", "x"]] * (BLOCK_ROWS + 7)
    of = check(cast, received(cast, [row(EMPLOYER), *filler, row(EMPLOYER)]))
    assert of.blocks == 2
    assert remarks(of)[-1] == ("d", TWICE)


def test_a_check_that_another_worker_goes_on_with_finds_doubles_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler = [["", "", "", "", "x"]] * BLOCK_ROWS
    of = received(cast, [row(EMPLOYER), *filler, row(EMPLOYER)])
    columns = [Column(name) if name else None for name in of.columns]
    actions.check(
        access=cast.access("alice"), uid=of.uid, columns=columns, portfolio_id=cast.employers.pk, selection=Selection()
    )
    assert working.work(seconds=0) == 1
    monkeypatch.setattr(working, "_met", (0, 0, 0, {}))
    work_to_the_end()
    assert remarks(of)[-1] == ("d", TWICE)


def test_a_refusal_says_nothing_of_its_reason(cast: Cast) -> None:
    lines = [
        row(EMPLOYER, amount="1,07"),
        row(INDEPENDENT, nir="1870375123456"),
        row(REGULATED, account="999000000000000017"),
        row(MANAGER, account="999000000000000017"),
    ]
    of = through(cast, lines)
    assert results(of) == [("refusé", NOT_PROVED)] * 4
    assert Event.objects.filter(verb="enrolment.refused").count() == 4


def test_what_no_amount_can_prove_is_not_tried(cast: Cast) -> None:
    ProofFact.objects.filter(account__number=REGULATED.account).delete()
    assert remarks(check(cast, received(cast, [row(REGULATED)]))) == [("f", ONLY_BY_LETTER)]


def test_the_run_stops_where_the_firm_s_attempts_do(cast: Cast, settings: Any) -> None:
    settings.PROOF_BUDGETS = {**settings.PROOF_BUDGETS, "firm": [(1, 3600)]}
    filler = [["", "", "", "", "x"]] * BLOCK_ROWS
    of = through(cast, [row(EMPLOYER), row(INDEPENDENT, nir="1870375123456"), row(REGULATED), *filler, row(MANAGER)])
    told = results(of)
    limit = ("non essayé", STOPPED[Import.Ending.LIMIT])
    assert told[:3] == [("ajouté", ""), ("refusé", NOT_PROVED), limit]
    assert told[-1] == limit
    assert (of.state, of.ending) == ("done", "limit")
    assert_all_is_told_of(of)
    assert Enrolment.objects.count() == 1


def test_the_rules_of_clients_hold(cast: Cast) -> None:
    ClientRule.objects.update_or_create(siren=EMPLOYER.siren, defaults={"rule": "ask"})
    ClientRule.objects.update_or_create(siren=INDEPENDENT.siren, defaults={"rule": "closed"})
    of = through(cast, [row(EMPLOYER), row(INDEPENDENT)])
    assert results(of) == [("ajouté", ASKED), ("refusé", CLOSED)]


def test_what_was_met_before_the_columns_were_others_is_forgotten(cast: Cast) -> None:
    """This process checks the first block; then the member says what the columns really are, and another does it."""
    of = received(cast, [row(EMPLOYER), *[["", "", "", "", "x"]] * (BLOCK_ROWS - 1), row(EMPLOYER)])
    given: dict[str, Any] = {"access": cast.access("alice"), "uid": of.uid, "selection": Selection(1, 0)}
    given["portfolio_id"] = cast.employers.pk
    columns = [Column(name) if name else None for name in of.columns]
    actions.check(columns=[None, *columns[1:]], **given)
    assert working.work(0) == 1
    ours, working._met = working._met, (0, 0, 0, {})
    actions.check(columns=columns, **given)
    assert working.work(0) == 1
    working._met = ours
    work_to_the_end()
    assert remarks(of)[-1] == ("d", TWICE)


def test_sent_again_it_adds_nobody_twice(cast: Cast) -> None:
    through(cast, everybody())
    of = through(cast, everybody())
    assert results(of) == [("déjà à vous", OURS)] * len(CLIENTS)
    assert Enrolment.objects.count() == len(CLIENTS)


def test_the_report_comes_back_as_a_file(cast: Cast) -> None:
    of = through(cast, [row(EMPLOYER), row(INDEPENDENT, nir="1870375123456")])
    lines = list(queries.report(of))
    assert lines[0] == ["Siren", "Numéro de compte", "Montant", "NIR", "Portefeuille", "Résultat", "Motif"]
    lines[2][3] = INDEPENDENT.nir
    answer = actions.receive(access=cast.access("alice"), content=csv_text(lines).encode())
    assert isinstance(answer, Received)
    again = check(cast, Import.objects.get(uid=answer.uid))
    assert [sign for sign, _ in remarks(again)] == ["a", "o"]
    start(cast, again)
    work_to_the_end()
    assert results(fresh(again)) == [("déjà à vous", OURS), ("ajouté", "")]
    assert next(queries.report(fresh(again))) == lines[0]


def test_a_line_is_corrected_in_place(cast: Cast) -> None:
    access = cast.access("alice")
    of = check(cast, received(cast, [row(EMPLOYER, siren="732829321"), row(INDEPENDENT)]))
    assert actions.correct(access=access, uid=of.uid, place=0, cells=row(EMPLOYER)) == Done()
    assert remarks(of) == [("o", ""), ("o", "")]
    assert actions.correct(access=access, uid=of.uid, place=1, cells=["x"]) == Done()
    assert [sign for sign, _ in remarks(of)] == ["o", "n"]
    for place in (2, BLOCK_ROWS, BLOCK_ROWS * 9):
        assert actions.correct(access=access, uid=of.uid, place=place, cells=["x"]) == NotNow()
    start(cast, of)
    assert actions.correct(access=access, uid=of.uid, place=0, cells=["x"]) == NotNow()


def test_what_runs_is_what_was_shown(cast: Cast) -> None:
    """Columns said otherwise in another tab: the button of the first tab starts nothing."""
    access = cast.access("alice")
    of = check(cast, received(cast, everybody()))
    check(cast, of, portfolio_id=cast.independents.pk)
    assert actions.start(access=access, uid=of.uid, address=ADDRESS, seen=of.lease) == NotNow()
    assert fresh(of).state == Import.State.CHECKED
    assert actions.start(access=access, uid=of.uid, address=ADDRESS, seen=fresh(of).lease) == Done()


def test_each_step_is_taken_once_and_by_its_owner(cast: Cast) -> None:
    of = received(cast, everybody())
    for who in ("bob", "charlie", "nina"):
        access = cast.access(who)
        assert queries.found(access, of.uid) is None
        assert actions.start(access=access, uid=of.uid, address=ADDRESS) == NotNow()
        assert actions.delete(access=access, uid=of.uid) == NotNow()
    alice = cast.access("alice")
    assert actions.start(access=alice, uid=of.uid, address=ADDRESS) == NotNow()
    check(cast, of)
    start(cast, of)
    assert actions.start(access=alice, uid=of.uid, address=ADDRESS) == NotNow()
    assert actions.delete(access=alice, uid=of.uid) == NotNow()
    work_to_the_end()
    assert actions.stop(access=alice, uid=of.uid) == NotNow()
    assert actions.delete(access=alice, uid=of.uid) == Done()
    assert (Import.objects.count(), Block.objects.count(), Enrolment.objects.count()) == (0, 0, len(CLIENTS))


def test_stopped_what_is_added_stays_and_the_rest_is_not_tried(cast: Cast) -> None:
    filler = [["", "", "", "", "x"]] * BLOCK_ROWS
    of = check(cast, received(cast, [row(EMPLOYER), *filler, row(INDEPENDENT)]))
    start(cast, of)
    assert working.work(seconds=0) == 1
    assert actions.stop(access=cast.access("alice"), uid=of.uid) == Done()
    work_to_the_end()
    told = results(fresh(of))
    assert (told[0], told[-1]) == (("ajouté", ""), ("non essayé", STOPPED[Import.Ending.CANCELLED]))
    assert (fresh(of).state, fresh(of).ending) == ("done", "cancelled")
    assert Message.objects.filter(recipient="alice@alder.example").count() == 1


@pytest.mark.parametrize("loss", ["left", "suspended"])
def test_who_has_left_the_firm_adds_nobody(cast: Cast, loss: str) -> None:
    of = check(cast, received(cast, everybody()))
    start(cast, of)
    if loss == "left":
        Member.objects.filter(user=cast.users["alice"]).update(active=False)
    else:
        Firm.objects.filter(pk=cast.firm_a.pk).update(state=Firm.State.SUSPENDED)
    work_to_the_end()
    assert fresh(of).ending == "rights"
    assert {told for told, _ in results(fresh(of))} == {"non essayé"}
    assert Enrolment.objects.count() == 0


def test_a_right_that_was_taken_meanwhile_is_not_used(cast: Cast) -> None:
    of = check(cast, received(cast, [row(EMPLOYER)], "bob"), "bob")
    start(cast, of, "bob")
    PortfolioGrant.objects.filter(member__user=cast.users["bob"]).update(level="view")
    work_to_the_end()
    assert results(fresh(of)) == [("non essayé", NO_PORTFOLIO)]
    assert Enrolment.objects.count() == 0


def test_what_a_firm_said_of_its_columns_is_remembered(cast: Cast) -> None:
    of = received(cast, everybody())
    columns = [Column.SIREN, Column.ACCOUNT, Column.AMOUNT, Column.NIR, None]
    check(cast, of, columns=columns)
    assert received(cast, everybody()).columns == [column and column.value for column in columns]
    assert received(cast, everybody(), "bob").columns[-1] is None
    assert received(cast, everybody(), "charlie").columns[-1] == "portefeuille"


def test_not_more_files_than_one_can_follow(cast: Cast) -> None:
    alice = cast.access("alice")
    for _ in range(actions.MOST_OPEN):
        received(cast, everybody())
    assert actions.receive(access=alice, content=content(everybody())) == TooMany()
    assert isinstance(actions.receive(access=cast.access("bob"), content=content(everybody())), Received)
    assert actions.receive(access=cast.access("rita"), content=content(everybody())) == NoPortfolio()


def test_a_file_that_is_refused_leaves_nothing(cast: Cast) -> None:
    for bad in (b"", b"%PDF", b"Siren\r\n" + b"1\r\n" * 100_001):
        assert isinstance(actions.receive(access=cast.access("alice"), content=bad), Unreadable)
    assert (Import.objects.count(), Block.objects.count()) == (0, 0)


def test_nothing_of_a_file_is_in_clear(cast: Cast) -> None:
    of = through(cast, everybody())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(t::text, ' '), string_agg(b::text, ' ')"
            " FROM imports_import t JOIN imports_block b ON b.of_id = t.id"
        )
        held = " ".join(cursor.fetchone() or ())
    for client in CLIENTS:
        for fact in (client.account, client.fact, client.siren or client.account):
            assert fact not in held
    assert "Siren" not in held
    assert of.address == ""


def test_what_has_expired_is_deleted(cast: Cast) -> None:
    done = through(cast, [row(EMPLOYER)])
    waiting = received(cast, [row(INDEPENDENT)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uid, expires_at - created_at > '6 days', expires_at - created_at > '2 days' FROM imports_import"
        )
        assert {uid: (long, longer) for uid, long, longer in cursor.fetchall()} == {
            done.uid: (True, True), waiting.uid: (False, False),
        }  # fmt: skip
        cursor.execute("UPDATE imports_import SET expires_at = now() - interval '1 second'")
    working.work()
    assert Import.objects.count() == 0


def test_a_running_file_never_expires(cast: Cast) -> None:
    of = check(cast, received(cast, everybody()))
    start(cast, of)
    Import.objects.update(expires_at="2020-01-01T00:00:00Z")
    working.work()
    assert Enrolment.objects.count() == len(CLIENTS)


def test_the_books_balance_after_a_file(cast: Cast) -> None:
    through(cast, [*everybody(), row(EMPLOYER)])
    Message.objects.filter(recipient="alice@alder.example").delete()
    assert_the_books_balance()


def test_statements_do_not_grow_with_lines(cast: Cast) -> None:
    counts = []
    for who, filler in (("alice", 0), ("charlie", 190)):
        of = received(cast, [*everybody(), *[["", "", "", "", "x"]] * filler], who)
        portfolio = cast.access(who).managed_ids[0]
        checked = _statements(lambda of=of, who=who, to=portfolio: check(cast, of, who, portfolio_id=to))  # type: ignore[misc]
        start(cast, of, who)
        counts.append((checked, _statements(work_to_the_end)))
    assert Enrolment.objects.count() == 2 * len(CLIENTS)
    assert counts[0] == counts[1]


def _statements(act: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_the_outcomes_of_a_page_are_those_of_the_report(cast: Cast) -> None:
    of = through(cast, [*everybody(), *[row(EMPLOYER, siren="7")] * 60])
    page = queries.lines(of, [Outcome.NOT_TRIED], 1)
    assert (page.total, page.first, page.last) == (60, 1, 25)
    assert page.lines[0].number == len(CLIENTS) + 2
    assert page.lines[0].column == Column.SIREN
    assert queries.lines(of, [Outcome.NOT_TRIED], 99).number == 3
    assert queries.lines(of, [Outcome.REFUSED], 1).lines == []


def test_a_regime_that_is_not_there(cast: Cast) -> None:
    answer = actions.receive(
        access=cast.access("alice"),
        content=f"Siren;Compte;Montant;Régime\n{EMPLOYER.siren};{EMPLOYER.account};1,23;artisan\n"
        f"{EMPLOYER.siren};{EMPLOYER.account};1,23;RG\n{EMPLOYER.siren};{EMPLOYER.account};1,23;quoi\n".encode(),
    )
    assert isinstance(answer, Received)
    of = check(cast, Import.objects.get(uid=answer.uid))
    assert remarks(of)[:2] == [("f", NO_SUCH_REGIME), ("o", "")]
    assert remarks(of)[2][0] == "f"


@pytest.mark.parametrize("during", ["check_rows", "enrol_many"])
def test_a_block_that_fails_for_a_reason_of_ours_ends_its_file_alone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    of = received(cast, everybody())
    if during == "enrol_many":
        check(cast, of)

    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("117000001234567890")

    monkeypatch.setattr(working, during, fails)
    if during == "check_rows":
        check(cast, of)
        assert fresh(of).state == Import.State.READ
        assert working.work() == 0
        return
    start(cast, of)
    work_to_the_end()
    of = fresh(of)
    assert (of.state, of.ending) == (Import.State.DONE, Import.Ending.FAULT)
    assert Message.objects.filter(subject="Votre ajout en nombre est terminé").exists()
    assert not Enrolment.objects.exists()
    assert working.work() == 0
