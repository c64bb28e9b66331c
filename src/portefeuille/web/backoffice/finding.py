"""Chercher: one box for accounts, firms and people. What is sought travels sealed, never in an address."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portefeuille.backoffice import finding
from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.looking import seen
from portefeuille.identifiers.cleaning import Malformed
from portefeuille.sealing import seal, unseal
from portefeuille.web.backoffice.door import agent_page, searching_agent_page
from portefeuille.web.parking import take_parked

_PURPOSE = "backoffice-search"
_SECONDS = 12 * 3600


class FindForm(forms.Form):
    cherche = forms.CharField(
        label="Compte, cabinet ou personne",
        max_length=finding.LONGEST,
        error_messages={
            "required": finding.EMPTY,
            "max_length": f"La saisie est trop longue : {finding.LONGEST} caractères au plus.",
            "null_characters_not_allowed": "Ce texte contient un caractère invisible. Saisissez-le de nouveau.",
        },
    )

    def clean_cherche(self) -> finding.Sought:
        try:
            return finding.parse(self.cleaned_data["cherche"])
        except Malformed as error:
            raise forms.ValidationError(str(error)) from error


@searching_agent_page
def find(request: HttpRequest, agent: AgentAccess) -> HttpResponse:
    """The box; on POST, on to what it finds."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        sought: finding.Sought = form.cleaned_data["cherche"]
        return redirect("office_found", token=seal(_PURPOSE, f"{sought.kind}\n{sought.value}".encode()))
    if parked := take_parked(request):
        form = FindForm(initial={"cherche": parked.get("cherche", "")})
    return render(request, "backoffice/find.html", {"agent": agent, "form": form})


@agent_page
def found(request: HttpRequest, agent: AgentAccess, token: str) -> HttpResponse:
    """What answers to a sealed search, in the trail by its kind only; an account alone is opened by hand."""
    said = unseal(_PURPOSE, token, seconds=_SECONDS) if len(token) < 2000 else None
    if said is None:
        raise Http404
    kind, _, value = said.decode().partition("\n")
    sought = finding.Sought(finding.Kind(kind), value)
    result = finding.find(sought)
    seen(agent, f"search:{sought.kind}", hits=result.hits)
    form = FindForm(initial={"cherche": value})
    return render(
        request, "backoffice/found.html", {"agent": agent, "form": form, "found": result, "most": finding.MOST}
    )
