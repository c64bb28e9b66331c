"""The wall around the proofs (R4): what an attempt counts against, and the one way to judge it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from portefeuille.enrolments.letters import holder_of
from portefeuille.firms.access import Access
from portefeuille.posted_codes.actions import redeem
from portefeuille.posted_codes.models import PostedCode
from portefeuille.registry import digests
from portefeuille.registry.models import FactKind
from portefeuille.registry.queries import KIND_OF_REGIME, Line, Subject, Verdict, verify, verify_many
from portefeuille.registry.queries import line as line_of
from portefeuille.throttling import budgets
from portefeuille.throttling.budgets import Windows

#: What a firm may know of its own budgets; the others would tell it about the account or about other firms.
_OWN = ("pair", "member", "firm")
#: What all attempts of a file have in common: once one of these is spent, none of the others can succeed.
_SHARED = ("member", "firm", "address")


@dataclass(frozen=True, slots=True)
class Proof:
    """What the member typed, parsed: the canonical account number; the amount («1234.56») or NIR (15 characters)."""

    account_number: str
    fact: str


@dataclass(frozen=True, slots=True)
class CodeProof:
    """The code of a letter, as typed, with the canonical account number: the client gave it, which is a yes."""

    account_number: str
    code: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """``line`` is the client's in the register: when both facts are right and the budgets admitted the attempt."""

    line: Line | None
    locked: bool
    remaining: int
    verdict: Verdict

    @property
    def accepted(self) -> bool:
        return self.line is not None


def _budgets_of(access: Access, subject: Subject, address: str) -> dict[str, tuple[bytes, Windows]]:
    limits: Mapping[str, Windows] = settings.PROOF_BUDGETS
    client = (subject.regime, subject.siren, subject.account_number)
    return {
        "pair": (budgets.key_of("pair", access.firm_id, *client), limits["pair"]),
        "member": (budgets.key_of("member", access.member_id), limits["member"]),
        "firm": (budgets.key_of("firm", access.firm_id), limits["firm"]),
        "address": (budgets.key_of("address", address), limits["address"]),
    }


def judge_code(*, access: Access, subject: Subject, proof: CodeProof) -> Judgement:
    """Judge a code: always the same three statements until it is right, whether there is a code and an account or not.

    The five tries of a code are its budget, in the statement that reads it; how many codes a firm may ask for is
    counted when it asks (``enrolments.letters``). A number that is not the client's costs a try as a wrong code does.
    """
    verdict = verify(subject, account_number=proof.account_number, fact="")
    known = verdict.account_id is not None
    right = redeem(
        purpose=PostedCode.Purpose.ENROLMENT,
        holder=holder_of(subject),
        code=proof.code if known else "",
        firm_id=access.firm_id,
    )
    return Judgement(line=line_of(subject) if right else None, locked=False, remaining=0, verdict=verdict)


def judge(*, access: Access, subject: Subject, proof: Proof, address: str) -> Judgement:
    """Judge one attempt: the list of one of ``judge_many``."""
    (judgement,) = judge_many(access=access, claims=[(subject, proof)], address=address)
    assert judgement is not None  # noqa: S101 - of a whole list every attempt is judged
    return judgement


def judge_many(
    *, access: Access, claims: Sequence[tuple[Subject, Proof | CodeProof]], address: str, whole: bool = True
) -> list[Judgement | None]:
    """Judge attempts one after the other: always the same two statements, whichever facts are wrong or whether the
    accounts exist.

    The comparisons are made first and their verdicts are worth nothing until the budgets, in one atomic statement,
    have admitted each attempt: a locked client gets the same answer with the right facts. Unless ``whole``, what comes
    after the firm, the member or the address has spent its budget is not tried: None. Codes are judged by themselves:
    no file holds any.
    """
    codes = [judge_code(access=access, subject=s, proof=p) for s, p in claims if isinstance(p, CodeProof)]
    if codes:
        return [*codes]
    facts = [(subject, proof) for subject, proof in claims if isinstance(proof, Proof)]
    verdicts = verify_many([(subject, proof.account_number, proof.fact) for subject, proof in facts])
    attempts = budgets.attempt_many(
        [_counted(access, *claim, verdict, address) for claim, verdict in zip(facts, verdicts, strict=True)],
        failed=[not verdict.right for verdict in verdicts],
        told=_OWN,
        ends=() if whole else _SHARED,
    )
    return [
        None
        if attempt is None
        else Judgement(
            line=verdict.line() if attempt.admitted and verdict.right else None,
            locked=not attempt.admitted,
            remaining=max(0, min(attempt.remaining[name] for name in _OWN)),
            verdict=verdict,
        )
        for attempt, verdict in zip(attempts, verdicts, strict=True)
    ]


def _counted(
    access: Access, subject: Subject, proof: Proof, verdict: Verdict, address: str
) -> dict[str, tuple[bytes, Windows]]:
    """All that an attempt counts against.

    Only an attempt with the account's own number counts against the account, or anybody could lock it. A number that
    is not this client's counts under its own name, so that the work is the same; with the client's, or whoever locked
    a number at one client would see at another whether it was the first one's.
    """
    counted = _budgets_of(access, subject, address)
    if verdict.account_key:
        account = budgets.key_of("account", verdict.account_key.hex())
    else:
        client = (subject.regime, subject.siren, subject.account_number)
        account = budgets.key_of("no account", *client, proof.account_number)
    counted["account"] = (account, settings.PROOF_BUDGETS["account"])
    if KIND_OF_REGIME[subject.regime] is FactKind.NIR:
        counted["nir"] = (digests.nir_fingerprint(proof.fact), settings.PROOF_BUDGETS["nir"])
    return counted


def remaining_tries(*, access: Access, subject: Subject) -> int:
    """How many failures the firm has left for this client: its own counts only."""
    own = {name: budget for name, budget in _budgets_of(access, subject, "").items() if name in _OWN}
    return max(0, min(budgets.remaining(own).values()))
