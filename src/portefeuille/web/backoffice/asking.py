"""The question before an act of an agent, with the reason where one is kept."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portefeuille.backoffice.access import AgentAccess
from portefeuille.web.parking import take_parked

LONGEST = 500
# The trail and the e-mails keep the reason: it is the agent's own words, and no place for these.
_NIR = re.compile(r"(?<!\d)[1-8](?:[\s.\u202f\u00a0]?\d){3,5}(?:[\s.\u202f\u00a0]?[0-9AB]){7,11}(?!\d)", re.IGNORECASE)
_AMOUNT = re.compile(r"\d[.,]\d{2}(?!\d)|\d\s?(?:€|euro)", re.IGNORECASE)
PRIVATE = "N'écrivez ni montant ni numéro de sécurité sociale ou de compte : ce motif est conservé."


def one_line(text: str) -> str:
    """``text`` without control and direction marks, blanks of every sort folded into one space."""
    kept = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or not unicodedata.category(c).startswith("C")
    )
    return " ".join(kept.split())


class Words(forms.CharField):
    """A line that is kept in clear: it may hold neither a NIR nor an amount."""

    def clean(self, value: Any) -> str:
        said = one_line(super().clean(value))
        if self.required and not said:
            raise forms.ValidationError(self.error_messages["required"])
        if _NIR.search(said) or _AMOUNT.search(said):
            raise forms.ValidationError(PRIVATE)
        return said


class ReasonForm(forms.Form):
    motif = Words(
        label="Motif",
        max_length=LONGEST,
        error_messages={
            "required": "Écrivez le motif : il est conservé dans le journal.",
            "max_length": f"Le motif a {LONGEST} caractères au plus.",
            "null_characters_not_allowed": "Ce texte contient un caractère invisible. Saisissez-le de nouveau.",
        },
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What will happen, to whom, and the way back. ``help`` says who reads the reason; "" when none is asked."""

    title: str
    sentences: Sequence[str]
    button: str
    back: str
    back_label: str
    section: str
    help: str = ""
    kind: str = "danger"


def reason_form(request: HttpRequest, question: Question) -> ReasonForm | None:
    """The form of the reason, bound on POST, filled with what was typed before an interruption; None without one."""
    if not question.help:
        return None
    if request.method == "POST":
        return ReasonForm(request.POST)
    parked = take_parked(request)
    return ReasonForm(initial={"motif": parked.get("motif", "")} if parked else None)


def may_go_on(request: HttpRequest, form: forms.Form | None) -> bool:
    return request.method == "POST" and (form is None or form.is_valid())


def ask(request: HttpRequest, agent: AgentAccess, question: Question, form: forms.Form | None) -> HttpResponse:
    return render(request, "backoffice/ask.html", {"agent": agent, "question": question, "form": form})
