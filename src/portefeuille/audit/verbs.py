"""The closed vocabulary of the trail: what can happen, as ``subject.act``."""

from enum import StrEnum


class Verb(StrEnum):
    FIRM_CREATED = "firm.created"
    PORTFOLIO_CREATED = "portfolio.created"
    MEMBER_ADDED = "member.added"
    TEMPLATE_KEPT = "template.kept"
    ENROLMENT_ADDED = "enrolment.added"
    ENROLMENT_REFUSED = "enrolment.refused"
    ENROLMENT_CHANGED = "enrolment.changed"
    ENROLMENT_TERMINATED = "enrolment.terminated"
    ENROLMENT_RESTORED = "enrolment.restored"
    ENROLMENT_CONTESTED = "enrolment.contested"
