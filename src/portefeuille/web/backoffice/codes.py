"""Envoyer un code: to the address of record of a client, for its space or for a firm."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portefeuille.backoffice.access import AgentAccess
from portefeuille.backoffice.accounts import AccountSheet
from portefeuille.backoffice.budgets import TryingFirm, trying_firms
from portefeuille.backoffice.codes import By, send_code
from portefeuille.backoffice.results import Done
from portefeuille.web import notices
from portefeuille.web.backoffice.accounts import sheet_or_404
from portefeuille.web.backoffice.door import acting_agent_page
from portefeuille.web.parking import take_parked


class CodeForm(forms.Form):
    usage = forms.ChoiceField(
        label="À quoi sert le code", error_messages={"required": "Choisissez à quoi sert le code."}
    )
    par = forms.ChoiceField(label="Par quel moyen", error_messages={"required": "Choisissez un moyen."})

    def __init__(self, *args: Any, account: AccountSheet, firms: list[TryingFirm], **options: Any) -> None:
        super().__init__(*args, **options)
        self.firms = {f"cabinet-{firm.id}": firm for firm in firms}
        self._choices("usage").choices = [
            ("espace", "Ouvrir l'espace du client"),
            *((value, f"Inscrire ce client chez {firm.name}") for value, firm in self.firms.items()),
        ]
        means = [(str(By.LETTER), "Lettre, à l'adresse postale du référentiel")] if account.has_address else []
        if account.email:
            means.insert(0, (str(By.EMAIL), f"Courriel, à {account.email}"))
        self._choices("par").choices = means
        for name in ("usage", "par"):
            self._choices(name).error_messages["invalid_choice"] = "Choisissez une des réponses proposées."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("usage") in self.firms and cleaned.get("par") == By.EMAIL:
            self.add_error("par", "Un code pour un cabinet part par lettre : le courriel connu peut être le sien.")
        return cleaned

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        return field


@acting_agent_page
def send_a_code(request: HttpRequest, agent: AgentAccess, account: int) -> HttpResponse:
    """Ask what the code is for and how it goes; on POST send it."""
    sheet = sheet_or_404(account)
    firms = trying_firms(sheet.subject)
    here = reverse("office_account", kwargs={"account": sheet.id})
    if not sheet.email and not sheet.has_address:
        notices.say_refused(request, "Le référentiel n'a ni courriel ni adresse postale de ce client.")
        return redirect(here)
    initial = {"usage": "espace", "par": str(By.EMAIL if sheet.email else By.LETTER)}
    if parked := take_parked(request):
        initial = {name: parked.get(name, initial[name]) for name in initial}
    form = CodeForm(request.POST if request.method == "POST" else None, account=sheet, firms=firms, initial=initial)
    if request.method == "POST" and form.is_valid():
        by = By(form.cleaned_data["par"])
        result = send_code(agent=agent, account=sheet, by=by, firm=form.firms.get(form.cleaned_data["usage"]))
        if isinstance(result, Done):
            how = "part par courriel" if by is By.EMAIL else "attend d'être imprimé, parmi les lettres"
            notices.say_done(request, f"Le code {how}. Un code précédent, pour le même usage, ne vaut plus rien.")
        else:
            notices.say_refused(request, "Ce moyen n'est plus possible : le référentiel vient de changer.")
        return redirect(here)
    return render(request, "backoffice/code.html", {"agent": agent, "account": sheet, "form": form})
