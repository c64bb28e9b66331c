"""What a person may see and do in a firm, computed once."""

from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from portefeuille.audit.models import Event
from portefeuille.catalogue.selection import Selection
from portefeuille.enrolments.actions import enrol
from portefeuille.enrolments.results import NotAllowed
from portefeuille.firms.access import access_of
from portefeuille.firms.actions import FIRST_PORTFOLIO, add_member, create_firm, create_portfolio
from portefeuille.firms.models import Firm, Member, Portfolio, PortfolioGrant
from portefeuille.people.models import User
from tests.cast import EMPLOYER, PASSWORD, Cast


def test_an_administrator_has_every_portfolio_without_a_grant(cast: Cast) -> None:
    access = cast.access("alice")
    assert access.is_administrator
    assert [(p.name, p.may_manage) for p in access.portfolios] == [("Employeurs", True), ("Indépendants", True)]
    assert access.portfolio_ids == access.managed_ids == [cast.employers.pk, cast.independents.pk]
    assert (access.firm_uid, access.firm_name, access.person) == (cast.firm_a.uid, "Cabinet Alder", "Alice Alder")
    assert access.actor == f"member:{Member.objects.get(user=cast.users['alice']).uid}"


@pytest.mark.parametrize(("who", "manages"), [("bob", True), ("rita", False)])
def test_a_collaborator_has_what_was_given(cast: Cast, who: str, manages: bool) -> None:
    access = cast.access(who)
    assert not access.is_administrator
    assert [(p.name, p.may_manage) for p in access.portfolios] == [("Employeurs", manages)]
    assert access.may_manage(cast.employers.pk) is manages
    assert not access.may_manage(cast.independents.pk)
    assert not access.may_manage(cast.portfolio_b.pk)


def test_a_stranger_and_a_member_of_another_firm_have_nothing(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        assert access_of(cast.users["zoe"].pk, cast.firm_a.uid) is None
        assert access_of(cast.users["charlie"].pk, cast.firm_a.uid) is None
        assert access_of(cast.users["alice"].pk, cast.firm_b.uid) is None


def test_a_left_member_has_nothing_at_once_and_keeps_other_firms(cast: Cast) -> None:
    Member.objects.create(firm=cast.firm_b, user=cast.users["bob"], role=Member.Role.COLLABORATOR)
    Member.objects.filter(firm=cast.firm_a, user=cast.users["bob"]).update(active=False)
    assert access_of(cast.users["bob"].pk, cast.firm_a.uid) is None
    elsewhere = access_of(cast.users["bob"].pk, cast.firm_b.uid)
    assert elsewhere is not None
    assert elsewhere.portfolios == ()


def test_a_suspended_firm_opens_to_nobody(cast: Cast) -> None:
    Firm.objects.filter(pk=cast.firm_a.pk).update(state=Firm.State.SUSPENDED)
    for who in ("alice", "bob", "rita"):
        assert access_of(cast.users[who].pk, cast.firm_a.uid) is None
    assert access_of(cast.users["charlie"].pk, cast.firm_b.uid) is not None


def test_a_grant_that_was_taken_back_counts_no_more(cast: Cast) -> None:
    PortfolioGrant.objects.filter(member__user=cast.users["bob"]).delete()
    assert cast.access("bob").portfolios == ()


def test_a_grant_on_another_firms_portfolio_gives_nothing(cast: Cast) -> None:
    member = Member.objects.get(user=cast.users["bob"])
    PortfolioGrant.objects.create(member=member, portfolio=cast.portfolio_b, level=PortfolioGrant.Level.MANAGE)
    access = cast.access("bob")
    assert access.portfolio_ids == [cast.employers.pk]
    result = enrol(
        access=access, portfolio_id=cast.portfolio_b.pk, subject=EMPLOYER.subject, proof=EMPLOYER.proof,
        selection=Selection(), address="192.0.2.1",
    )  # fmt: skip
    assert result == NotAllowed()


def test_an_administrators_grants_neither_add_nor_take_anything(cast: Cast) -> None:
    member = Member.objects.get(user=cast.users["alice"])
    PortfolioGrant.objects.create(member=member, portfolio=cast.employers, level=PortfolioGrant.Level.VIEW)
    access = cast.access("alice")
    assert [(p.name, p.may_manage) for p in access.portfolios] == [("Employeurs", True), ("Indépendants", True)]


def test_a_person_without_a_name_is_their_address(cast: Cast) -> None:
    User.objects.filter(pk=cast.users["bob"].pk).update(full_name="")
    assert cast.access("bob").person == "bob@alder.example"


def test_a_firm_starts_with_an_administrator_a_portfolio_and_a_trail(db: None) -> None:
    firm = create_firm(
        actor="command:tests", name="Cyprès", admin_email="chloe@cypres.example", admin_password=PASSWORD
    )
    member = Member.objects.get(firm=firm)
    access = access_of(member.user_id, firm.uid)
    assert access is not None
    assert (access.is_administrator, [p.name for p in access.portfolios]) == (True, [FIRST_PORTFOLIO])
    assert member.user.check_password(PASSWORD)
    events = Event.objects.filter(chain=firm.pk).order_by("seq").values_list("verb", flat=True)
    assert list(events) == ["firm.created", "portfolio.created", "member.added"]
    assert not Event.objects.filter(after__icontains=PASSWORD).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("email", ["alice@alder.example", "ALICE@Alder.Example"])
def test_a_firm_whose_administrator_exists_leaves_nothing_behind(committed_cast: Cast, email: str) -> None:
    before = [model.objects.count() for model in (Firm, Portfolio, Member, User, Event)]
    with pytest.raises(IntegrityError):
        create_firm(actor="command:tests", name="Double", admin_email=email, admin_password=PASSWORD)
    assert [model.objects.count() for model in (Firm, Portfolio, Member, User, Event)] == before


def test_two_portfolios_of_a_firm_have_two_names(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        create_portfolio(actor="command:tests", firm=cast.firm_a, name="Employeurs")
    assert create_portfolio(actor="command:tests", firm=cast.firm_b, name="Employeurs").name == "Employeurs"


def test_a_member_joins_with_everything_or_not_at_all(cast: Cast) -> None:
    with pytest.raises(DataError):
        add_member(
            actor="command:tests",
            firm=cast.firm_a,
            email="dan@alder.example",
            password=PASSWORD,
            full_name="Dan",
            role=Member.Role.COLLABORATOR,
            grants={cast.employers: "everything"},  # type: ignore[dict-item]
        )
    assert not User.objects.filter(email="dan@alder.example").exists()
