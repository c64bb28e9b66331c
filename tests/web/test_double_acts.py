"""Double clicks, the back button, two tabs, two people, and a world that changes between two pages."""

from typing import Any

import pytest
from django.urls import reverse

from portefeuille.audit.models import Event
from portefeuille.enrolments.actions import terminate
from portefeuille.enrolments.client_word import by_link, contest
from portefeuille.enrolments.following import follow_register
from portefeuille.enrolments.models import Enrolment
from portefeuille.firms.models import Firm, Member, PortfolioGrant
from portefeuille.outbox.actions import text_of
from portefeuille.outbox.models import Message
from portefeuille.registry.models import Account, AccountState, ProofFact
from tests.cast import EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, MANAGER, Cast, CastClient
from tests.web.reading import form_of, rows, soup, text


def address_of(cast: Cast, name: str, **arguments: Any) -> str:
    return reverse(name, kwargs={"firm": cast.firm_a.uid, **arguments})


def enrol_address(cast: Cast, client: CastClient) -> str:
    return address_of(cast, "enrol_siren", siren=client.siren, regime=client.regime)


def filled(cast: Cast, page: Any, client: CastClient) -> dict[str, Any]:
    proof = {"fait": [client.fact], "compte": [client.account], "portefeuille": [str(cast.employers.pk)]}
    return form_of(page) | proof | {"services": ["dpae"]}


def acts(verb: str) -> int:
    return Event.objects.filter(verb=verb).count()


# --- adding -------------------------------------------------------------------------------------------------------


@pytest.fixture
def alice(browse: Any) -> Any:
    return browse("alice")


def test_a_double_click_adds_once_and_says_the_same_twice(cast: Cast, alice: Any) -> None:
    form = filled(cast, alice.get(enrol_address(cast, EMPLOYER)), EMPLOYER)
    first, second = (alice.post(enrol_address(cast, EMPLOYER), form) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert "Votre client est ajouté" in text(alice.get(second["Location"]))
    assert (Enrolment.objects.count(), acts("enrolment.added"), Message.objects.count()) == (1, 1, 1)


def test_a_double_click_keeps_the_selection_once(cast: Cast, alice: Any) -> None:
    form = filled(cast, alice.get(enrol_address(cast, EMPLOYER)), EMPLOYER) | {"modele": ["Paie"]}
    for _ in range(2):
        assert alice.post(enrol_address(cast, EMPLOYER), form).status_code == 302
    assert (acts("template.kept"), acts("enrolment.added")) == (1, 1)


def test_the_back_button_then_other_services_changes_nothing_unsaid(cast: Cast, alice: Any) -> None:
    """The page of before still has its key: sent again it answers what it did, and adds nothing."""
    form = filled(cast, alice.get(enrol_address(cast, EMPLOYER)), EMPLOYER)
    first = alice.post(enrol_address(cast, EMPLOYER), form)
    again = alice.post(enrol_address(cast, EMPLOYER), form | {"services": ["attestations"]})
    assert again["Location"] == first["Location"]
    assert Enrolment.objects.get().services == 1
    assert acts("enrolment.changed") == 0


def test_the_back_button_to_a_page_that_is_asked_anew_says_that_the_client_is_there(cast: Cast, alice: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    alice.post(address, filled(cast, alice.get(address), EMPLOYER))
    page = alice.get(address)
    assert "Ce client est déjà dans votre portefeuille." in text(page)
    link = soup(page).find("a", string="Voir cette inscription")
    assert alice.get(link["href"]).status_code == 200


def test_two_tabs_with_two_forms_add_once_and_the_second_is_told(cast: Cast, alice: Any, browse: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    bob = browse("bob")
    mine, his = alice.get(address), bob.get(address)
    assert alice.post(address, filled(cast, mine, EMPLOYER)).status_code == 302
    answer = bob.post(address, filled(cast, his, EMPLOYER))
    assert answer.status_code == 200
    assert "Ce client est déjà dans votre portefeuille." in text(answer)
    assert (Enrolment.objects.count(), acts("enrolment.added"), Message.objects.count()) == (1, 1, 1)


def test_a_form_sent_again_after_the_client_was_terminated_says_so(cast: Cast, alice: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    alice.post(address, form)
    terminate(access=cast.access("bob"), enrolments=[Enrolment.objects.get().uid])
    answer = alice.post(address, form, follow=True)
    assert "Ce formulaire a déjà servi, et ce client a été résilié depuis." in text(answer)
    assert not Enrolment.objects.exclude(state="terminated").exists()
    # The page that says so is a new form, which works.
    assert alice.post(address, filled(cast, answer, EMPLOYER)).status_code == 302
    assert Enrolment.objects.exclude(state="terminated").count() == 1


def test_after_a_refusal_the_same_form_may_be_corrected_and_sent(cast: Cast, alice: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    refused = alice.post(address, form | {"fait": ["1,00"]})
    assert "Ces informations ne permettent pas d'ajouter ce compte" in text(refused)
    again = form_of(refused)
    assert again["cle"] == form["cle"]
    assert again["services"] == ["dpae"]
    assert alice.post(address, again | {"fait": [EMPLOYER.amount]}).status_code == 302


def test_struck_off_between_two_pages_it_is_added_and_marked(cast: Cast, alice: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    Account.objects.filter(number=EMPLOYER.account).update(state=AccountState.STRUCK_OFF)
    done = alice.post(address, form)
    assert done.status_code == 302
    assert "(Radié)" in text(alice.get(done["Location"]))


def test_gone_from_the_register_between_two_pages(cast: Cast, alice: Any) -> None:
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    ProofFact.objects.filter(account__siren=EMPLOYER.siren).delete()
    Account.objects.filter(siren=EMPLOYER.siren).delete()
    assert alice.post(address, form).status_code == 404
    assert not Enrolment.objects.exists()


def test_its_fact_gone_between_two_pages(cast: Cast, alice: Any) -> None:
    """A new feed with nothing that proves: the page says what is left to do."""
    address = enrol_address(cast, EMPLOYER)
    form = filled(cast, alice.get(address), EMPLOYER)
    ProofFact.objects.filter(account__number=EMPLOYER.account).delete()
    answer = alice.post(address, form)
    assert answer.status_code == 200
    assert "L'inscription passe alors par un code" in text(answer)
    assert not Enrolment.objects.exists()


# --- changing and terminating -------------------------------------------------------------------------------------


def test_saving_twice_changes_once(cast: Cast, alice: Any) -> None:
    address = address_of(cast, "client", enrolment=cast.enrol(EMPLOYER).uid)
    messages = Message.objects.count()
    form = form_of(alice.get(address)) | {"services": ["suivi-dsn"]}
    first, second = alice.post(address, form), alice.post(address, form)
    assert first["Location"] == second["Location"]
    page = text(alice.get(second["Location"]))
    assert "Les services sont enregistrés" in page
    assert "Rien n'a changé" in page
    assert (acts("enrolment.changed"), Message.objects.count()) == (1, messages + 1)


def test_two_tabs_with_other_services_the_second_is_shown_and_keeps_its_choices(
    cast: Cast, alice: Any, browse: Any
) -> None:
    bob = browse("bob")
    address = address_of(cast, "client", enrolment=cast.enrol(EMPLOYER, portfolio=cast.employers).uid)
    mine, his = form_of(alice.get(address)), form_of(bob.get(address))
    assert alice.post(address, mine | {"services": ["attestations"]}).status_code == 302
    kept = Enrolment.objects.get().services
    answer = bob.post(address, his | {"services": ["suivi-dsn", "echanges"]})
    assert answer.status_code == 200
    assert "Ces services ont changé entre-temps" in text(answer)
    assert Enrolment.objects.get().services == kept
    again = form_of(answer)
    assert sorted(again["services"]) == ["echanges", "suivi-dsn"]
    assert bob.post(address, again).status_code == 302
    assert Enrolment.objects.get().services not in (kept, 0)


def test_one_tab_terminates_while_the_other_saves(cast: Cast, alice: Any, browse: Any) -> None:
    bob = browse("bob")
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    address, end = address_of(cast, "client", enrolment=uid), address_of(cast, "terminate", enrolment=uid)
    mine, his = form_of(alice.get(address)), form_of(bob.get(end))
    assert bob.post(end, his).status_code == 302
    before = rows()
    answer = alice.post(address, mine | {"services": ["suivi-dsn"]})
    assert answer.status_code == 404
    assert "Si le client a été résilié, il n'est plus dans votre portefeuille." in text(answer)
    assert soup(answer).select_one("main a[href='/mon-espace/']") is not None
    assert rows() == before


def test_terminating_twice_ends_once(cast: Cast, alice: Any) -> None:
    end = address_of(cast, "terminate", enrolment=cast.enrol(EMPLOYER).uid)
    messages = Message.objects.count()
    form = form_of(alice.get(end))
    assert alice.post(end, form).status_code == 302
    assert alice.post(end, form).status_code == 404
    assert (acts("enrolment.terminated"), Message.objects.count()) == (1, messages + 1)


def test_terminating_several_twice_ends_each_once(cast: Cast, alice: Any) -> None:
    uids = [cast.enrol(client).uid for client in (EMPLOYER, INDEPENDENT)]
    address = address_of(cast, "terminate_many")
    form = form_of(alice.get(address, {"client": uids}))
    first = alice.post(address, form, follow=True)
    assert "2 inscriptions : résiliation faite." in text(first)
    second = alice.post(address, form, follow=True)
    assert "Aucun client n'est choisi." in text(second)
    assert acts("enrolment.terminated") == 2


def test_undoing_twice_restores_once(cast: Cast, alice: Any) -> None:
    end = address_of(cast, "terminate", enrolment=cast.enrol(EMPLOYER).uid)
    page = alice.post(end, form_of(alice.get(end)), follow=True)
    undo = next(str(form["action"]) for form in soup(page).select("main form") if "retablir" in str(form["action"]))
    assert "Cette inscription est rétablie." in text(alice.post(undo, follow=True))
    assert "Il n'y a plus rien à rétablir" in text(alice.post(undo, follow=True))
    assert acts("enrolment.restored") == 1


def test_undoing_after_the_client_was_added_again(cast: Cast, alice: Any) -> None:
    ending = terminate(access=cast.access("alice"), enrolments=[cast.enrol(EMPLOYER).uid]).ending
    cast.enrol(EMPLOYER)
    page = alice.post(address_of(cast, "undo", ending=ending), follow=True)
    assert "Il n'y a plus rien à rétablir" in text(page)
    assert Enrolment.objects.exclude(state="terminated").count() == 1


def test_undoing_tells_of_those_that_were_added_again(cast: Cast, alice: Any) -> None:
    uids = [cast.enrol(client).uid for client in (EMPLOYER, INDEPENDENT, MANAGER)]
    ending = terminate(access=cast.access("alice"), enrolments=uids).ending
    cast.enrol(EMPLOYER)
    page = text(alice.post(address_of(cast, "undo", ending=ending), follow=True))
    assert "2 inscriptions sont rétablies. L'autre ne l'est pas : il est trop tard, ou ce client a été ajouté" in page
    assert Enrolment.objects.exclude(state="terminated").count() == 3


@pytest.mark.parametrize("page", ["client", "terminate"])
def test_terminated_between_the_list_and_the_pencil(cast: Cast, alice: Any, page: str) -> None:
    uid = cast.enrol(EMPLOYER).uid
    listed = alice.get(address_of(cast, "clients"))
    link = address_of(cast, page, enrolment=uid)
    assert soup(listed).find("a", href=link) is not None
    terminate(access=cast.access("alice"), enrolments=[uid])
    answer = alice.get(link)
    assert answer.status_code == 404
    assert "Si le client a été résilié" in text(answer)


def test_contested_while_somebody_looks(cast: Cast, alice: Any) -> None:
    uid = cast.enrol(EMPLOYER).uid
    address = address_of(cast, "client", enrolment=uid)
    alice.get(address)
    contest(speaker=by_link(uid), enrolment=uid)
    assert "Votre client conteste cette inscription." in text(alice.get(address))
    assert "Contestée" in text(alice.get(address_of(cast, "clients")))


def contest_link() -> str:
    message = Message.objects.get()
    return next(word for word in text_of(message.body, message.secret).split() if "/contester/" in word)


def test_contesting_twice_suspends_once(cast: Cast, browse: Any) -> None:
    cast.enrol(EMPLOYER)
    link = contest_link()
    path = link.partition("localhost:8000")[2]
    client = browse()
    for _ in range(2):
        assert "n'a plus accès à votre compte" in text(client.post(path))
    assert acts("enrolment.contested") == 1
    assert Message.objects.filter(subject="Un client conteste une inscription").count() == 4  # each who sees it, once


def test_contesting_what_has_ended_says_so(cast: Cast, browse: Any) -> None:
    uid = cast.enrol(EMPLOYER).uid
    link = contest_link()
    path = link.partition("localhost:8000")[2]
    client = browse()
    assert "Contester cette inscription" in text(client.get(path))
    terminate(access=cast.access("alice"), enrolments=[uid])
    assert "n'agit plus en votre nom" in text(client.post(path))
    assert acts("enrolment.contested") == 0


# --- rights that go while one works -------------------------------------------------------------------------------


def remove_member(cast: Cast) -> None:
    Member.objects.filter(user=cast.users["bob"]).update(active=False)


def withdraw_portfolio(cast: Cast) -> None:
    PortfolioGrant.objects.filter(member__user=cast.users["bob"]).delete()


def only_view(cast: Cast) -> None:
    PortfolioGrant.objects.filter(member__user=cast.users["bob"]).update(level=PortfolioGrant.Level.VIEW)


def suspend_firm(cast: Cast) -> None:
    Firm.objects.filter(pk=cast.firm_a.pk).update(state=Firm.State.SUSPENDED)


def close_person(cast: Cast) -> None:
    cast.users["bob"].is_active = False
    cast.users["bob"].save()


@pytest.mark.parametrize("loss", [remove_member, withdraw_portfolio, only_view, suspend_firm, close_person])
def test_the_next_request_is_refused(cast: Cast, browse: Any, loss: Any) -> None:
    bob = browse("bob")
    uid = cast.enrol(EMPLOYER, portfolio=cast.employers).uid
    pages = {
        address_of(cast, "client", enrolment=uid): {"services": ["suivi-dsn"]},
        address_of(cast, "terminate", enrolment=uid): {},
        address_of(cast, "terminate_many"): {"client": str(uid)},
        enrol_address(cast, LIBERAL_SAME_SIREN): {
            "fait": LIBERAL_SAME_SIREN.nir,
            "compte": LIBERAL_SAME_SIREN.account,
            "portefeuille": str(cast.employers.pk),
        },
    }
    for address in pages:
        assert bob.get(f"{address}?client={uid}").status_code == 200
    loss(cast)
    before = rows()
    for address, form in pages.items():
        answer = bob.post(address, form)
        assert answer.status_code in (200, 302, 404)
    assert rows() == before
    seen = bob.get(address_of(cast, "client", enrolment=uid))
    assert seen.status_code == {only_view: 200, close_person: 302}.get(loss, 404)
    if loss is not only_view:
        listed = bob.get(address_of(cast, "clients"))
        assert EMPLOYER.name not in listed.content.decode()


def test_the_register_changes_under_the_list(cast: Cast, alice: Any) -> None:
    cast.enrol(EMPLOYER)
    Account.objects.filter(number=EMPLOYER.account).update(state=AccountState.STRUCK_OFF)
    follow_register(sirens=[EMPLOYER.siren], account_numbers=[])
    assert "(Radié)" in text(alice.get(address_of(cast, "clients")))
    assert "1 compte radié" in text(alice.get(address_of(cast, "dashboard")))
