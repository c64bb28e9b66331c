"""The same few firms, members and clients everywhere.

Firm A «Cabinet Alder»: Alice (administrator), Bob (manages «Employeurs»), Rita (sees «Employeurs» only), Nina (manages
«Employeurs», for the service «Attestations» alone).
Firm B «Bureau Bouleau»: Charlie (administrator).
Carl holds the space of the client ``EMPLOYER``. Ida and Ada are agents of the body: Ida reads, Ada acts.
Zoe is nobody's member. Clients are of the register of ``CLIENTS``, whose facts stand here in clear.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from allauth.mfa.models import Authenticator

from portefeuille.backoffice.models import Agent
from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.contributors.models import ClientSpace, SpaceHolder
from portefeuille.enrolments.actions import enrol
from portefeuille.enrolments.client_word import begin_to_speak
from portefeuille.enrolments.proving import Proof
from portefeuille.enrolments.results import Enrolled
from portefeuille.firms.access import Access, access_of
from portefeuille.firms.actions import add_member, create_firm, create_portfolio
from portefeuille.firms.models import Firm, Member, Portfolio, PortfolioGrant
from portefeuille.people.models import User
from portefeuille.registry import digests
from portefeuille.registry.models import Account, AccountState, Company, Establishment, FactKind, ProofFact, Regime
from portefeuille.registry.queries import Subject

PASSWORD = "pluie-fine-sur-le-quai-7"

# Values that no other text of the suite holds: the canary test looks for them everywhere they must not be.
CANARY_NIRS = ("182037512345691", "291062A00401233")
CANARY_AMOUNTS = ("48317.29", "6093.57", "71429.83")


@dataclass(frozen=True)
class CastClient:
    """A client of the register with the facts that prove it."""

    name: str
    regime: Regime
    siren: str
    account: str
    siret: str = ""
    amount: str = ""
    due: date | None = None
    nir: str = ""
    state: AccountState = AccountState.ACTIVE
    email: str = ""
    town: str = "Savignac"

    @property
    def subject(self) -> Subject:
        return Subject(self.regime, self.siren) if self.siren else Subject(self.regime, account_number=self.account)

    @property
    def fact(self) -> str:
        return self.nir or self.amount

    @property
    def proof(self) -> Proof:
        return Proof(account_number=self.account, fact=self.fact)


EMPLOYER = CastClient(
    "Boulangerie Œuvrard",
    Regime.GENERAL,
    "732829320",
    "117000001234567890",
    "73282932000074",
    amount=CANARY_AMOUNTS[0],
    due=date(2026, 10, 15),
    email="contact@oeuvrard.example",
)
INDEPENDENT = CastClient(
    "Élodie Martin-L'Hôte", Regime.CRAFT_TRADE, "404833048", "827000007654321098", "40483304800022", nir=CANARY_NIRS[0]
)
LIBERAL_SAME_SIREN = CastClient(
    "Boulangerie Œuvrard", Regime.LIBERAL, "732829320", "117000005555555555", "73282932000074", nir=CANARY_NIRS[1]
)
REGULATED = CastClient(
    "Cabinet infirmier Noël",
    Regime.REGULATED_LIBERAL,
    "552100554",
    "217000009999999999",
    "55210055400013",
    amount=CANARY_AMOUNTS[1],
    due=date(2026, 2, 5),
)
MANAGER = CastClient(
    "Jean-François d'Ornano",
    Regime.MAJORITY_MANAGER,
    "",
    "937000008888888888",
    amount=CANARY_AMOUNTS[2],
    due=date(2026, 2, 5),
    email="dornano@example.org",
)
STRUCK_OFF = CastClient(
    "Ancienne Menuiserie",
    Regime.GENERAL,
    "572015246",
    "117000002222222222",
    "57201524600018",
    amount="1234.56",
    due=date(2026, 7, 15),
    state=AccountState.STRUCK_OFF,
)
CLIENTS = (EMPLOYER, INDEPENDENT, LIBERAL_SAME_SIREN, REGULATED, MANAGER, STRUCK_OFF)


@dataclass
class Cast:
    firm_a: Firm
    firm_b: Firm
    employers: Portfolio
    independents: Portfolio
    portfolio_b: Portfolio
    users: dict[str, User] = field(default_factory=dict)

    def access(self, who: str) -> Access:
        """The access of a person to their firm."""
        firm = self.firm_b if who == "charlie" else self.firm_a
        access = access_of(self.users[who].pk, firm.uid)
        assert access is not None
        return access

    def enrol(self, client: CastClient, who: str = "alice", portfolio: Portfolio | None = None) -> Enrolled:
        """The client in a portfolio, through the real verb."""
        access = self.access(who)
        result = enrol(
            access=access,
            portfolio_id=portfolio.pk if portfolio else access.managed_ids[0],
            subject=client.subject,
            proof=client.proof,
            selection=Selection(0b101, 0b1),
            address="192.0.2.1",
        )
        assert isinstance(result, Enrolled), result
        return result


def register(client: CastClient) -> Account:
    """Put a client into the register, its fact digested."""
    if client.siren:
        Company.objects.get_or_create(siren=client.siren, defaults={"name": client.name})
        Establishment.objects.get_or_create(
            siret=client.siret, defaults={"siren": client.siren, "town": client.town, "is_head_office": True}
        )
    account = Account.objects.create(
        number=client.account,
        shown_number=client.account,
        regime=client.regime,
        organisation="117",
        siren=client.siren,
        siret=client.siret,
        holder=client.name,
        postcode="24260",
        town=client.town,
        state=client.state,
        email=client.email,
    )
    kind = FactKind.NIR
    if client.amount:
        kind = FactKind.DECLARED_AMOUNT if client.regime is Regime.GENERAL else FactKind.FIRST_INSTALMENT
        assert Decimal(client.amount)
    ProofFact.objects.create(
        account=account,
        kind=kind,
        due_date=client.due,
        digest=digests.digest(account_number=client.account, kind=kind, due_date=client.due, value=client.fact),
        key_id=digests.current_key_id(),
    )
    return account


def assemble() -> Cast:
    """The whole cast, with its register and without any enrolment."""
    for client in CLIENTS:
        register(client)
    firm_a = create_firm(
        actor="command:tests",
        name="Cabinet Alder",
        admin_email="alice@alder.example",
        admin_password=PASSWORD,
        admin_name="Alice Alder",
        first_portfolio="Employeurs",
    )
    employers = firm_a.portfolios.get()
    independents = create_portfolio(actor="command:tests", firm=firm_a, name="Indépendants")
    firm_b = create_firm(
        actor="command:tests",
        name="Bureau Bouleau",
        admin_email="charlie@bouleau.example",
        admin_password=PASSWORD,
        admin_name="Charlie Bouleau",
    )
    for who, level in (("bob", PortfolioGrant.Level.MANAGE), ("rita", PortfolioGrant.Level.VIEW)):
        add_member(
            actor="command:tests",
            firm=firm_a,
            email=f"{who}@alder.example",
            password=PASSWORD,
            full_name=who.capitalize(),
            role=Member.Role.COLLABORATOR,
            grants={employers: level},
        )
    nina = add_member(
        actor="command:tests",
        firm=firm_a,
        email="nina@alder.example",
        password=PASSWORD,
        full_name="Nina",
        role=Member.Role.COLLABORATOR,
        grants={employers: PortfolioGrant.Level.MANAGE},
    )
    attestations = next(entry for entry in catalogue().services if entry.code == "attestations")
    nina.grants.update(services=1 << attestations.bit)
    User.objects.create_user(email="zoe@nowhere.example", password=PASSWORD, full_name="Zoe")
    carl = User.objects.create_user(email="carl@oeuvrard.example", password=PASSWORD, full_name="Carl Œuvrard")
    space = ClientSpace.objects.create(siren=EMPLOYER.siren, name=EMPLOYER.name)
    SpaceHolder.objects.create(space=space, user=carl)
    begin_to_speak(siren=EMPLOYER.siren, account_number="")
    for who, may_act in (("ida", False), ("ada", True)):
        email = f"{who}@organisme.example"
        agent = User.objects.create_user(email=email, password=PASSWORD, full_name=who.capitalize())
        Agent.objects.create(user=agent, may_act=may_act)
        # Compulsory for agents. What opens it is nowhere: tests sign them in past it, or set up one of their own.
        Authenticator.objects.create(user=agent, type=Authenticator.Type.TOTP, data={"secret": ""})
    # Tests travel in time, and their administrators have no second factor: their grace does not end on the way.
    Member.objects.exclude(second_factor_by=None).update(second_factor_by=datetime(2100, 1, 1, tzinfo=UTC))
    users = {user.email.partition("@")[0]: user for user in User.objects.order_by("pk")}
    return Cast(firm_a, firm_b, employers, independents, firm_b.portfolios.get(), users)
