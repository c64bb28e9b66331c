"""Clients that could be added next, with the facts that prove them, read from the feed's files when asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from portefeuille.contributors.models import ClientSpace
from portefeuille.demo import facts
from portefeuille.enrolments.models import Enrolment
from portefeuille.registry.client_queries import contact_of_client
from portefeuille.registry.models import AccountState, Regime
from portefeuille.registry.queries import Subject, lines

#: The three cases of the proofs (R3), and which regimes an example of each is taken from, in turn.
CASES: tuple[tuple[str, tuple[tuple[Regime, ...], ...]], ...] = (
    ("Cas 1\u00a0: employeur", ((Regime.GENERAL,), (Regime.GENERAL,))),
    (
        "Cas 2\u00a0: travailleur indépendant",
        ((Regime.CRAFT_TRADE, Regime.LIBERAL), (Regime.LIBERAL, Regime.CRAFT_TRADE)),
    ),
    (
        "Cas 3\u00a0: professionnel libéral réglementé, ou gérant majoritaire sans Siret",
        (
            (Regime.REGULATED_LIBERAL, Regime.MAJORITY_MANAGER),
            (Regime.MAJORITY_MANAGER, Regime.REGULATED_LIBERAL),
        ),
    ),
)
#: How many accounts of each regime are looked at: the rest of a large register is passed over.
LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Example:
    name: str
    regime: Regime
    siren: str  # "" for a bare account number
    account_number: str
    known: facts.Known


def with_address(firm: int) -> tuple[str, str] | None:
    """The name and Siren of a client of the firm whose e-mail address the body has, and who has no space yet."""
    without_space = ClientSpace.objects.values("siren")
    mine = Enrolment.objects.filter(firm=firm, state="active", account_state=AccountState.ACTIVE).exclude(siren="")
    for name, siren in mine.exclude(siren__in=without_space).order_by("name_key").values_list("name", "siren"):
        if contact_of_client(siren=siren, account_number="")[0]:
            return name, siren
    return None


def pick(feed: Path, firm: int) -> list[tuple[str, list[Example]]]:
    """Two clients for each case, that the firm does not have; fewer where the register has no more."""
    candidates = _candidates(feed, firm)
    wanted = {account.number for accounts in candidates.values() for account in accounts}
    known = facts.latest(feed, wanted.__contains__)
    provable = {
        regime: [
            account for account in accounts if account.number in known and facts.proves(account, known[account.number])
        ]
        for regime, accounts in candidates.items()
    }
    names = lines(account.subject for accounts in provable.values() for account in accounts)
    picked: list[tuple[str, list[Example]]] = []
    for title, choices in CASES:
        examples: list[Example] = []
        for regimes in choices:
            account = next((provable[regime].pop(0) for regime in regimes if provable.get(regime)), None)
            if account is None:
                continue
            line = names.get(account.subject)
            examples.append(
                Example(
                    line.name if line else "", account.regime, account.siren, account.number, known[account.number]
                )
            )
        picked.append((title, examples))
    return picked


def _candidates(feed: Path, firm: int) -> dict[Regime, list[facts.Held]]:
    """Active accounts, one for each subject; those of subjects with a single account first."""
    enrolled = _enrolled(firm)
    seen: set[Subject] = set()
    several: set[Subject] = set()
    found: dict[Regime, list[facts.Held]] = {regime: [] for regime in Regime}
    for account in facts.accounts(feed):
        subject = account.subject
        if subject in seen:
            several.add(subject)
            continue
        seen.add(subject)
        if (
            account.state == AccountState.ACTIVE
            and subject not in enrolled
            and (account.siren or account.regime is Regime.MAJORITY_MANAGER)
            and len(found[account.regime]) < LOOKED_AT
        ):
            found[account.regime].append(account)
    for accounts in found.values():
        accounts.sort(key=lambda account: account.subject in several)
    return found


def _enrolled(firm: int) -> set[Subject]:
    live: Iterable[tuple[str, str, str]] = (
        Enrolment.objects.filter(firm=firm).filter(ended_at=None).values_list("regime", "siren", "account_number")
    )
    return {Subject(Regime(regime), siren, number) for regime, siren, number in live}
