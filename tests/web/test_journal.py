"""The journal of a firm: what each member reads of it, its filters, and an export that proves itself."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portefeuille.audit import checkpoints, trail
from portefeuille.audit.models import Event
from portefeuille.audit.verbs import Verb
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments import journal
from portefeuille.enrolments.actions import change, terminate
from portefeuille.enrolments.journal import Asked
from portefeuille.enrolments.sharing import restrict
from portefeuille.people import sessions
from portefeuille.web.journal.sentences import SENTENCES, did
from tests.cast import EMPLOYER, INDEPENDENT, REGULATED, STRUCK_OFF, Cast
from tests.web.reading import rows, soup, text


def said(cast: Cast, who: str, asked: Asked | None = None) -> list[tuple[str, str]]:
    page = journal.journal(cast.access(who), asked or Asked())
    assert page.older is None
    return [(event.verb, event.about) for event in page.events]


def address(cast: Cast, rest: str = "") -> str:
    return f"/cabinets/{cast.firm_a.uid}/journal/{rest}"


def test_every_verb_has_its_sentence(cast: Cast) -> None:
    assert set(SENTENCES) == set(Verb)
    blank = journal.Happened(1, timezone.now(), "member:x", "", "", "", {}, {}, "", None, "", False, None)
    for verb in Verb:
        sentence = did(replace(blank, verb=verb), cast.access("alice"))
        assert sentence
        assert not sentence.endswith("."), verb


def test_administrators_read_all_and_collaborators_what_they_may_see(cast: Cast) -> None:
    employer = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    cast.enrol(INDEPENDENT, portfolio=cast.independents)
    hidden = cast.enrol(STRUCK_OFF, portfolio=cast.employers).uid
    cast.enrol(REGULATED, who="charlie")
    restrict(access=cast.access("alice"), enrolment=hidden, members=[cast.access("bob").member_uid])
    terminate(access=cast.access("bob"), enrolments=[employer])
    of_employer = [("enrolment.terminated", EMPLOYER.name), ("enrolment.added", EMPLOYER.name)]
    of_hidden = [("enrolment.restricted", STRUCK_OFF.name), ("enrolment.added", STRUCK_OFF.name)]
    assert said(cast, "rita") == said(cast, "nina") == of_employer
    assert said(cast, "bob") == [of_employer[0], *of_hidden, of_employer[1]]
    everything = said(cast, "alice")
    assert ("enrolment.added", INDEPENDENT.name) in everything
    assert ("member.added", "Rita") in everything
    assert REGULATED.name not in {about for _, about in everything}
    assert {verb for verb, _ in said(cast, "alice", Asked(family="equipe"))} == {"member.added"}
    assert said(cast, "alice", Asked(client=employer)) == of_employer
    assert said(cast, "rita", Asked(client=hidden)) == []
    assert said(cast, "alice", Asked(person=cast.access("bob").member_uid)) == of_employer[:1]


def test_a_narrowed_member_reads_of_a_change_what_the_right_covers(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    everything = Selection((1 << 10) - 1, (1 << 7) - 1)
    change(access=cast.access("bob"), enrolment=uid, selection=everything, seen=Selection(0b101, 0b1))
    assert "DPAE service Plus" in text(browse("bob").get(address(cast)))
    page = text(browse("nina").get(address(cast)))
    assert "a coché « Attestations » : Boulangerie" in page
    assert "DPAE" not in page


def test_pages_go_back_to_the_beginning_and_miss_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    for _ in range(120):
        trail.record(chain=cast.firm_a.pk, actor="command:tests", verb=Verb.TEMPLATE_KEPT, subject="template:x")
    cast.enrol(STRUCK_OFF, portfolio=cast.employers)
    number = Event.objects.filter(chain=cast.firm_a.pk).count()
    monkeypatch.setattr(journal, "WINDOW", 30)
    seqs = [event.seq for event in journal.whole_journal(cast.access("alice"), Asked())]
    assert seqs == list(range(number, 0, -1))
    page = journal.journal(cast.access("rita"), Asked())
    assert [event.about for event in page.events] == [STRUCK_OFF.name]
    assert page.older is not None
    assert [event.about for event in journal.whole_journal(cast.access("rita"), Asked())] == [
        STRUCK_OFF.name,
        EMPLOYER.name,
    ]


def test_days_are_those_of_paris_both_included(cast: Cast) -> None:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    access = cast.access("rita")
    today = timezone.localdate()
    one = timedelta(days=1)
    assert journal.journal(access, Asked(since=today, until=today)).events
    for nothing in (Asked(until=today - one), Asked(since=today + one), Asked(since=today + one, until=today - one)):
        page = journal.journal(access, nothing)
        assert (page.events, page.older) == ([], None)


HOSTILE = [
    "personne=zzz&client=%00&acte=tout&du=hier&au=2026-13-45&avant=-1",
    "avant=99999999999999999999&du=0001-01-01&au=9999-12-31",
    "avant=999999999999999999&personne=" + "a" * 10_000,
    "acte=clients&acte=equipe&du=%F0%9F%98%80&avant=%D9%A1",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_an_address_that_means_nothing_is_a_page(cast: Cast, browse: Any, query: str) -> None:
    for who in ("alice", "rita"):
        assert browse(who).get(address(cast, f"?{query}")).status_code == 200


def test_the_journal_links_to_live_clients_only(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    link = f'main a[href$="/clients/{uid}/"]'
    assert soup(browse("rita").get(address(cast))).select(link)
    terminate(access=cast.access("bob"), enrolments=[uid])
    assert not soup(browse("rita").get(address(cast))).select(link)


def exported(browser: Any, cast: Cast, form: str) -> bytes:
    answer = browser.post(address(cast, "exporter/"), {"format": form})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def test_the_table_holds_no_formula(cast: Cast, browse: Any) -> None:
    cast.users["bob"].full_name = "=cmd|' /C calc'!A0"
    cast.users["bob"].save()
    cast.enrol(EMPLOYER, who="bob", portfolio=cast.employers)
    table = exported(browse("alice"), cast, "csv").decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(table), delimiter=";"))
    assert cells[1][4] == "a exporté le journal"
    assert cells[2][3] == "'=cmd|' /C calc'!A0"
    assert cells[2][5] == EMPLOYER.name


@pytest.fixture
def proof(cast: Cast, browse: Any, tmp_path: Path) -> Path:
    cast.enrol(EMPLOYER, portfolio=cast.employers)
    cast.enrol(REGULATED, who="charlie")
    checkpoints.sign_heads()
    cast.enrol(INDEPENDENT, portfolio=cast.independents)
    checkpoints.sign_heads()
    with zipfile.ZipFile(io.BytesIO(exported(browse("alice"), cast, "preuve"))) as archive:
        archive.extractall(tmp_path / "journal")
    return tmp_path / "journal"


def verified(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify_journal.py"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_proof_verifies_by_itself_and_tells_of_no_other_firm(cast: Cast, proof: Path) -> None:
    number = Event.objects.filter(chain=cast.firm_a.pk).count()
    assert Event.objects.order_by("-pk")[0].verb == "journal.exported"
    assert verified(proof) == (0, f"INTACT : {number} événements, 2 témoins, 2 signatures vérifiées.\n")
    everything = "".join(path.read_text() for path in proof.iterdir())
    assert str(cast.firm_b.uid) not in everything
    assert {head["chain"] for head in map(json.loads, (proof / "temoins.jsonl").read_text().splitlines())} == {
        cast.firm_a.pk
    }


def _edited(line: str, **changes: Any) -> str:
    return json.dumps(json.loads(line) | changes, ensure_ascii=False)


@pytest.mark.parametrize(
    "tamper", ["field", "text", "removed", "cut", "inserted", "head", "witness", "signature", "key"]
)
def test_whatever_is_changed_in_the_proof_shows(proof: Path, tamper: str) -> None:
    events, heads, about = (proof / name for name in ("evenements.jsonl", "temoins.jsonl", "chaine.json"))
    lines, witnesses = events.read_text().splitlines(), heads.read_text().splitlines()
    if tamper == "field":
        lines[2] = _edited(lines[2], actor="member:somebody-else")
    elif tamper == "text":
        lines[2] = _edited(lines[2], texte=json.loads(lines[2])["texte"].replace("member", "mebmer"))
    elif tamper == "removed":
        del lines[2]
    elif tamper == "cut":
        del lines[-1]
    elif tamper == "inserted":
        lines.insert(2, lines[2])
    elif tamper == "head":
        about.write_text(_edited(about.read_text(), seq=1))
    elif tamper == "witness":
        witnesses[0] = _edited(witnesses[0], digest="00" * 32)
    elif tamper == "signature":
        witnesses[0] = _edited(witnesses[0], at="2020-01-01T00:00:00+00:00")
    else:
        about.write_text(_edited(about.read_text(), public_key="00" * 32))
    events.write_text("\n".join(lines) + "\n")
    heads.write_text("\n".join(witnesses) + "\n")
    code, told = verified(proof)
    assert code == 1
    assert told.startswith("ALTÉRÉ : ")


def test_the_export_asks_once_more_who_it_is(cast: Cast, browse: Any) -> None:
    browser = browse("alice")
    session = browser.session
    session[sessions._PROVED] = 0
    session.save()
    before = rows()
    for answer in (
        browser.get(address(cast, "exporter/")),
        browser.post(address(cast, "exporter/"), {"format": "csv"}),
    ):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("confirm"))
    assert rows() == before
