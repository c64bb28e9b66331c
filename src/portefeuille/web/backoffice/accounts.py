"""Un compte: what it is, who acts on it, what was decided and done."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portefeuille.backoffice import budgets
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.accounts import AccountSheet, account_sheet, decisions_on, enrolments_on
from portefeuille.backoffice.history import history
from portefeuille.backoffice.looking import seen
from portefeuille.enrolments.in_trail import client_in_trail
from portefeuille.web.backoffice.door import agent_page
from portefeuille.web.backoffice.tries import with_links
from portefeuille.web.backoffice.words import sentence


@agent_page
def show(request: HttpRequest, agent: AgentAccess, account: int) -> HttpResponse:
    sheet = sheet_or_404(account)
    seen(agent, client_in_trail(siren="", account_number=sheet.number), regime=str(sheet.regime), siren=sheet.siren)
    enrolments = enrolments_on(sheet.subject)
    return render(
        request,
        "backoffice/account.html",
        {
            "agent": agent,
            "account": sheet,
            "enrolments": enrolments,
            "decisions": decisions_on(enrolments),
            "budgets": with_links(
                budgets.of_account(sheet, budgets.trying_firms(sheet.subject)),
                reverse("office_account", kwargs={"account": sheet.id}),
                sheet.name,
            ),
            "happened": history([f"enrolment:{enrolment.uid}" for enrolment in enrolments]),
            "sentence": sentence,
        },
    )


def sheet_or_404(account: int) -> AccountSheet:
    sheet = account_sheet(account) if account < 2**63 else None
    if sheet is None:
        raise Http404
    return sheet
