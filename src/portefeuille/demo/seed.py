"""The firms of the demonstration, made through the same verbs as everything else."""

import random
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from portefeuille.backoffice.actions import create_agent
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.demo import facts
from portefeuille.demo.people import AGENTS, APPLICANT, BRUN, DELORME, EMPLOYERS, INDEPENDENTS, INVITED, PEOPLE, Person
from portefeuille.enrolments.actions import enrol
from portefeuille.enrolments.proving import Proof
from portefeuille.enrolments.results import AlreadyEnrolled, Enrolled
from portefeuille.firms import opening
from portefeuille.firms.access import Access, access_of
from portefeuille.firms.actions import add_member, create_firm, create_portfolio
from portefeuille.firms.joining import invite
from portefeuille.firms.models import Firm, Invitation, Member, Portfolio, PortfolioGrant
from portefeuille.firms.rights import Level, Right
from portefeuille.people import links
from portefeuille.people.models import Link, User
from portefeuille.registry.models import AccountState, Regime

ACTOR = "command:demo"
CLIENTS = 120
STRUCK_OFF = 9


def firms(passwords: Mapping[str, str]) -> Firm:
    """Both firms with their portfolios and members, those that are missing; the first one, which shows its clients."""
    for name in (DELORME, BRUN):
        people = [person for person in PEOPLE if person.firm == name]
        administrator = next(person for person in people if person.is_administrator)
        if not User.objects.filter(email=administrator.email).exists():
            create_firm(
                actor=ACTOR,
                name=name,
                admin_email=administrator.email,
                admin_password=passwords[administrator.email],
                admin_name=administrator.name,
                **({"first_portfolio": EMPLOYERS} if name == DELORME else {}),
            )
        firm = _firm_of(administrator)
        if name == DELORME and not Portfolio.objects.filter(firm=firm, name=INDEPENDENTS).exists():
            create_portfolio(actor=ACTOR, firm=firm, name=INDEPENDENTS)
        for person in people:
            if not User.objects.filter(email=person.email).exists():
                _add(firm, person, passwords[person.email])
    return _firm_of(PEOPLE[0])


def _firm_of(person: Person) -> Firm:
    return Firm.objects.get(members__user__email=person.email)


def _add(firm: Firm, person: Person, password: str) -> None:
    portfolios = {portfolio.name: portfolio for portfolio in Portfolio.objects.filter(firm=firm)}
    member = add_member(
        actor=ACTOR,
        firm=firm,
        email=person.email,
        password=password,
        full_name=person.name,
        role=Member.Role.COLLABORATOR,
        grants={portfolios[name]: PortfolioGrant.Level(level) for name, level in person.grants},
    )
    if person.services:
        entries = catalogue().services
        member.grants.update(services=sum(1 << entry.bit for entry in entries if entry.code in person.services))


def invitations(firm: Firm) -> None:
    """Those whom the administrator invited once, whatever became of it."""
    access = _access(firm, PEOPLE[0])
    employers = next(portfolio for portfolio in access.portfolios if portfolio.name == EMPLOYERS)
    for email, name in INVITED:
        if not Invitation.objects.filter(firm=firm, email=email).exists():
            invite(
                access=access,
                email=email,
                full_name=name,
                role=Member.Role.COLLABORATOR,
                rights={employers.uid: Right(Level.VIEW)},
            )


def office(passwords: Mapping[str, str]) -> None:
    """The agents of the body, and a firm that asks to be admitted; those that are missing."""
    for person in AGENTS:
        if not User.objects.filter(email=person.email).exists():
            create_agent(
                actor=ACTOR,
                email=person.email,
                full_name=person.name,
                password=passwords[person.email],
                may_act=person.is_administrator,
            )
    if not User.objects.filter(email=APPLICANT.email).exists():
        opening.apply(
            token=links.issue(Link.Purpose.OPEN_FIRM, email=APPLICANT.email, payload={"siren": "402207153"}),
            company=APPLICANT.firm,
            full_name=APPLICANT.name,
            password=passwords[APPLICANT.email],
        )


def clients(firm: Firm, feed: Path) -> int:
    """Adds some clients of the feed to the firm, with their true facts; how many. Can be done again after a stop."""
    access = _access(firm, PEOPLE[0])
    colleague = _access(firm, PEOPLE[1])
    places = {portfolio.name: portfolio.id for portfolio in access.portfolios}
    choose = random.Random(7)  # noqa: S311  the same choices each time
    added = 0
    for account, known in _chosen(feed, choose):
        result = enrol(
            access=choose.choice((access, colleague)),
            portfolio_id=places[EMPLOYERS if account.regime is Regime.GENERAL else INDEPENDENTS],
            subject=account.subject,
            proof=Proof(account.number, known.value),
            selection=_selection(account.regime, choose),
            address="127.0.0.1",
        )
        added += isinstance(result, Enrolled | AlreadyEnrolled)
    return added


def _access(firm: Firm, person: Person) -> Access:
    access = access_of(User.objects.get(email=person.email).pk, firm.uid)
    if access is None:
        raise LookupError(f"{person.email} left {firm.name}")
    return access


def _chosen(feed: Path, choose: random.Random) -> list[tuple[facts.Held, facts.Known]]:
    """One account of each of ``CLIENTS`` subjects, all regimes among them, ``STRUCK_OFF`` of them struck off."""
    held = list(facts.accounts(feed))
    known = facts.latest(feed, {account.number for account in held}.__contains__)
    by_subject: dict[object, list[facts.Held]] = {}
    for account in held:
        by_subject.setdefault(account.subject, []).append(account)
    usable: dict[bool, list[facts.Held]] = {True: [], False: []}
    for accounts in by_subject.values():
        provable = [account for account in accounts if account.number in known]
        if provable:
            closed = all(account.state == AccountState.STRUCK_OFF for account in accounts)
            usable[closed].append(choose.choice(provable))
    chosen = _provable(usable[True], known, STRUCK_OFF, choose)
    chosen += _provable(usable[False], known, min(CLIENTS - len(chosen), len(usable[False]) // 2), choose)
    choose.shuffle(chosen)
    return [(account, known[account.number]) for account in chosen]


def _provable(
    accounts: list[facts.Held], known: Mapping[str, facts.Known], count: int, choose: random.Random
) -> list[facts.Held]:
    """``count`` of the accounts, or as many as there are: a wrong proof would cost the firm its tries."""
    choose.shuffle(accounts)
    right = (account for account in accounts if facts.proves(account, known[account.number]))
    return list(islice(right, count))


def _selection(regime: Regime, choose: random.Random) -> Selection:
    """Most services ticked, some not, as firms do."""
    entries = catalogue()
    return entries.select(
        regime,
        services=[entry.code for entry in entries.offered_services(regime) if choose.random() < 0.85],
        notices=[entry.code for entry in entries.offered_notices(regime) if choose.random() < 0.6],
    )
