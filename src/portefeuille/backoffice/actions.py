"""The verbs about agents themselves. The first one is made by a command, for who else would?"""

from uuid import UUID

from django.db import transaction

from portefeuille.audit import trail
from portefeuille.audit.verbs import Verb
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.models import Agent
from portefeuille.backoffice.results import ActResult, Done, Gone, NotAllowed, NothingToDo
from portefeuille.people.models import User


def create_agent(*, actor: str, email: str, full_name: str, password: str, may_act: bool) -> Agent:
    """A new person who is an agent. The caller has checked the e-mail and the password.

    A second factor is asked for when they first sign in. Raises IntegrityError when the e-mail is somebody's already.
    """
    with transaction.atomic():
        user = User.objects.create_user(email=email, password=password, full_name=full_name)
        agent = Agent.objects.create(user=user, may_act=may_act)
        trail.record(
            chain=trail.NO_FIRM,
            actor=actor,
            verb=Verb.AGENT_ADDED,
            subject=f"agent:{agent.uid}",
            after={"may_act": may_act},
        )
    return agent


def change_agent(
    *, agent: AgentAccess, uid: UUID, may_act: bool | None = None, active: bool | None = None
) -> ActResult:
    """Give or take the right to act, or end or reopen the access of another agent, from their next request on.

    Nobody changes their own rights: of the agents who act, one therefore always remains.
    """
    wanted = {name: value for name, value in (("may_act", may_act), ("active", active)) if value is not None}
    if not agent.may_act or uid == agent.uid or len(wanted) != 1:
        return NotAllowed()
    ((name, value),) = wanted.items()
    with transaction.atomic():
        # Both rows in one order, so that of two agents who take each other's right one is refused.
        rights = {
            row.uid: row for row in Agent.objects.select_for_update().filter(uid__in=[uid, agent.uid]).order_by("pk")
        }
        own = rights.get(agent.uid)
        if own is None or not own.may_act or not own.active:
            return NotAllowed()
        if uid not in rights:
            return Gone()
        if getattr(rights[uid], name) is value:
            return NothingToDo()
        Agent.objects.filter(uid=uid).update(**{name: value})
        trail.record(
            chain=trail.NO_FIRM,
            actor=agent.actor,
            verb=Verb.AGENT_CHANGED,
            subject=f"agent:{uid}",
            before={name: not value},
            after={name: value},
        )
    return Done()
