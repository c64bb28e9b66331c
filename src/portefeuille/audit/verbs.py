"""The closed vocabulary of the trail: what can happen, as ``subject.act``."""

from enum import StrEnum


class Verb(StrEnum):
    # Firms
    FIRM_CREATED = "firm.created"  # by a command
    FIRM_APPLIED = "firm.applied"
    FIRM_ADMITTED = "firm.admitted"
    FIRM_REFUSED = "firm.refused"
    FIRM_SUSPENDED = "firm.suspended"
    FIRM_REINSTATED = "firm.reinstated"
    PORTFOLIO_CREATED = "portfolio.created"
    PORTFOLIO_RENAMED = "portfolio.renamed"
    PORTFOLIO_REMOVED = "portfolio.removed"
    JOIN_ASKED = "firm.join_asked"
    JOIN_DECLINED = "firm.join_declined"
    MEMBER_INVITED = "member.invited"
    INVITATION_SENT_AGAIN = "invitation.sent_again"
    INVITATION_CANCELLED = "invitation.cancelled"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"  # role or rights
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    JOURNAL_EXPORTED = "journal.exported"
    TEMPLATE_KEPT = "template.kept"
    TEMPLATE_REMOVED = "template.removed"

    # Enrolments
    ENROLMENT_ADDED = "enrolment.added"
    ENROLMENT_ASKED = "enrolment.asked"  # waits for the client's yes
    ENROLMENT_REFUSED = "enrolment.refused"  # a proof that failed
    ENROLMENT_CHANGED = "enrolment.changed"
    ENROLMENT_MOVED = "enrolment.moved"
    ENROLMENT_RESTRICTED = "enrolment.restricted"
    ENROLMENT_TERMINATED = "enrolment.terminated"
    ENROLMENT_RESTORED = "enrolment.restored"
    CLIENTS_EXPORTED = "clients.exported"
    ACCOUNT_STRUCK_OFF = "enrolment.account_struck_off"  # the register says so of its client, and so of the next two
    ACCOUNT_SUSPENDED = "enrolment.account_suspended"
    ACCOUNT_ACTIVE = "enrolment.account_active"  # again
    CODE_ASKED = "enrolment.code_asked"
    CLIENT_INVITED = "enrolment.client_invited"

    # The client's word
    ENROLMENT_CONFIRMED = "enrolment.confirmed"
    ENROLMENT_DECLINED = "enrolment.declined"
    ENROLMENT_EXPIRED = "enrolment.expired"
    ENROLMENT_CONTESTED = "enrolment.contested"
    CONTEST_WITHDRAWN = "enrolment.contest_withdrawn"
    ENROLMENT_ENDED = "enrolment.ended"
    RULE_CHANGED = "client.rule_changed"
    SPACE_CODE_ASKED = "client.code_asked"
    SPACE_OPENED = "client.space_opened"
    SPACE_LEFT = "client.space_left"
    HOLDER_REMOVED = "client.holder_removed"

    # People
    PERSON_OPENED = "person.opened"
    PERSON_CHANGED = "person.changed"  # the name
    PASSWORD_CHANGED = "person.password_changed"  # noqa: S105 - a word of the trail
    EMAIL_CHANGED = "person.email_changed"
    FACTOR_ADDED = "person.factor_added"
    FACTOR_REMOVED = "person.factor_removed"
    CODES_RENEWED = "person.codes_renewed"
    SIGN_ON_LINKED = "person.sign_on_linked"
    SIGN_ON_UNLINKED = "person.sign_on_unlinked"
    SESSION_ENDED = "person.session_ended"
    PERSON_CLOSED = "person.closed"  # by an agent
    PERSON_REOPENED = "person.reopened"

    # Agents
    AGENT_ADDED = "agent.added"
    AGENT_CHANGED = "agent.changed"
    DATA_SEEN = "agent.data_seen"
    BUDGET_LIFTED = "agent.budget_lifted"
    CODE_SENT = "agent.code_sent"
    LETTERS_PRINTED = "agent.letters_printed"
    CATALOGUE_CHANGED = "agent.catalogue_changed"
    FLAT_RATE_CHANGED = "agent.flat_rate_changed"
    MESSAGE_RETRIED = "agent.message_retried"
