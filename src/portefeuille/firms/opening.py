"""A firm opens its space: a link to the person's address, then the request, admitted at once or by an agent.

Nothing tells who asks whether the address or the firm is known: the first answer is the same for all, and a firm that
has a space gets the request in place of a second space.
"""

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.firms.actions import FIRST_PORTFOLIO, create_portfolio
from portefeuille.firms.models import Firm, JoinRequest, Member
from portefeuille.firms.results import AddressTaken, Applied, ApplyResult, LinkSpent
from portefeuille.firms.telling import tell, tell_administrators
from portefeuille.people import links
from portefeuille.people.actions import open_person, person_with
from portefeuille.people.models import Link, User
from portefeuille.throttling import budgets

#: What a firm's name has at most; longer ones of the register are cut.
LONGEST_NAME = 160


def ask(*, siren: str, email: str, address: str) -> bool:
    """Send the link that goes on, to ``email``; False when the network ``address`` has asked too often.

    An address that has been written to too often gets no more for a while, and who asks is not told. What is sent
    differs for who signs in already; the work does not.
    """
    limits = settings.OPENING_BUDGETS
    spending = {
        "address": (budgets.key_of("opening_address", address), limits["opening_address"]),
        "email": (budgets.key_of("opening_email", email), limits["opening_email"]),
    }
    with transaction.atomic():
        if min(budgets.remaining({"address": spending["address"]}).values()) < 1:
            return False
        if not budgets.attempt(spending, failed=True).admitted:
            return True
        known = person_with(email) is not None
        token = links.issue(Link.Purpose.OPEN_FIRM, email=email, payload={"siren": siren})
        tell(
            email,
            "Créer votre espace en ligne",
            "opening_known" if known else "opening_new",
            path="/creer-votre-espace/",
            token=token,
        )
    return True


def apply(
    *, token: str, company: str, user: User | None = None, full_name: str = "", password: str = ""
) -> ApplyResult:
    """Use the link up and ask for the space of the firm whose Siren it carries, as ``user`` or as a new person.

    ``company`` is the firm's name in the register. The person becomes its administrator, for whom a second factor is
    compulsory at once. With ``ADMISSION`` at_once the firm may work; else an agent admits it first.
    """
    try:
        with transaction.atomic():
            proven = links.use(Link.Purpose.OPEN_FIRM, token)
            if proven is None or (user is not None and user.email != proven.email):
                transaction.set_rollback(True)  # somebody else's hands use nothing up
                return LinkSpent()
            person = user or open_person(email=proven.email, full_name=full_name, password=password)
            siren = str(proven.payload["siren"])
            firm = _new_firm(siren, company)
            if firm is None and _ask_to_join(siren, person):
                return Applied(person)
            # The firm that stood in the way was refused in the same instant.
            firm = firm or _new_firm(siren, company)
            if firm is None:
                raise RuntimeError("another firm of that Siren, twice in an instant")
            _settle(firm, person)
            at_once = firm.state == Firm.State.ACTIVE
    except IntegrityError:  # somebody opened an identifier with this address in the same instant
        if user is not None:
            raise
        return AddressTaken()
    return Applied(person, firm.uid if at_once else None)


# The constraint decides who comes first.
_NEW_FIRM = """
INSERT INTO firms_firm (uid, name, siren, state, state_since, reason, created_at)
VALUES (gen_random_uuid(), %s, %s, %s, clock_timestamp(), '', clock_timestamp())
ON CONFLICT (siren) WHERE siren <> '' AND state <> 'refused' DO NOTHING RETURNING id
"""


def _new_firm(siren: str, company: str) -> Firm | None:
    state = Firm.State.ACTIVE if settings.ADMISSION == "at_once" else Firm.State.PENDING
    with connection.cursor() as cursor:
        cursor.execute(_NEW_FIRM, [company[:LONGEST_NAME], siren, str(state)])
        row = cursor.fetchone()
    return Firm.objects.get(pk=row[0]) if row else None


def _settle(firm: Firm, person: User) -> None:
    """Its administrator, its first portfolio, its trail, and the message to who asked."""
    actor = f"person:{person.uid}"
    member = Member.objects.create(firm=firm, user=person, role=Member.Role.ADMINISTRATOR)
    trail.record(
        chain=firm.pk,
        actor=actor,
        verb=Verb.FIRM_APPLIED,
        subject=f"firm:{firm.uid}",
        after={"name": firm.name, "siren": firm.siren, "state": str(firm.state)},
    )
    trail.record(
        chain=firm.pk,
        actor=actor,
        verb=Verb.MEMBER_ADDED,
        subject=f"member:{member.uid}",
        after={"role": str(member.role), "portfolios": {}},
    )
    create_portfolio(actor=actor, firm=firm, name=FIRST_PORTFOLIO)
    if firm.state == Firm.State.ACTIVE:
        tell(person.email, "Votre espace en ligne est ouvert", "space_open", path=f"/cabinets/{firm.uid}/")
    else:
        tell(person.email, "Votre demande est enregistrée", "opening_kept", path="/mon-espace/")


def _ask_to_join(siren: str, person: User) -> bool:
    """Keep the request for the administrators of the firm that has a space; a second one adds nothing.

    False where no such firm is left. Whoever refuses it meanwhile waits, and answers this request too.
    """
    firms = Firm.objects.select_for_update(no_key=True).exclude(state=Firm.State.REFUSED)
    firm = firms.filter(siren=siren).order_by("pk").first()
    if firm is None:
        return False
    if Member.objects.filter(firm=firm, user=person, active=True).exists():
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO firms_joinrequest (uid, firm_id, user_id, created_at, accepted)"
            " VALUES (gen_random_uuid(), %s, %s, clock_timestamp(), false)"
            " ON CONFLICT (firm_id, user_id) WHERE decided_at IS NULL DO NOTHING RETURNING id",
            [firm.pk, person.pk],
        )
        row = cursor.fetchone()
    # The same message, whether the request was new or not, and as for a firm that had no space.
    tell(person.email, "Votre demande est enregistrée", "opening_kept", path="/mon-espace/")
    if row is None:
        return True
    request = JoinRequest.objects.get(pk=row[0])
    trail.record(
        chain=firm.pk,
        actor=f"person:{person.uid}",
        verb=Verb.JOIN_ASKED,
        subject=f"join_request:{request.uid}",
    )
    tell_administrators(
        firm.pk, "Une personne demande à rejoindre votre cabinet", "join_asked", path=f"/cabinets/{firm.uid}/equipe/"
    )
    return True
