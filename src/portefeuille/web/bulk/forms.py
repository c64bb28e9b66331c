"""What is chosen for many clients at once."""

from typing import Any

from django import forms

from portefeuille.catalogue.selection import Selection, catalogue
from portefeuille.enrolments.bulk import Wish
from portefeuille.firms.access import Access


class ChangeForm(forms.Form):
    """What to do with the boxes that are ticked, and the portfolio."""

    ADD, REMOVE, REPLACE = "ajouter", "retirer", "remplacer"

    quoi = forms.ChoiceField(
        label="Que faire de ce qui est coché ?",
        choices=[
            (ADD, "L'ajouter à ce que ces clients ont"),
            (REMOVE, "Le retirer de ce que ces clients ont"),
            (REPLACE, "Ne leur laisser que cela"),
        ],
        error_messages={
            "required": "Choisissez ce qu'il faut faire de ce qui est coché.",
            "invalid_choice": "Choisissez ce qu'il faut faire de ce qui est coché.",
        },
    )
    portefeuille = forms.ChoiceField(
        label="Portefeuille",
        required=False,
        error_messages={"invalid_choice": "Choisissez un de vos portefeuilles."},
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portefeuille"].choices = [  # type: ignore[attr-defined]
            ("", "Ne pas changer"),
            *((str(right.uid), right.name) for right in access.portfolios if right.entire),
        ]
        self._ids = {str(right.uid): right.id for right in access.portfolios}

    def wish(self, ticked: Selection) -> Wish | None:
        """What is wished of each client; None, with an error, when it is nothing."""
        what = self.cleaned_data["quoi"]
        portfolio_id = self._ids.get(self.cleaned_data["portefeuille"])
        nothing = ticked == Selection()
        if nothing and (what != self.REPLACE or portfolio_id is not None):
            if portfolio_id is None:
                self.add_error("quoi", "Cochez un service ou un avis, ou choisissez un portefeuille.")
                return None
            return Wish(portfolio_id=portfolio_id)
        if what == self.REMOVE:
            return Wish(off=ticked, portfolio_id=portfolio_id)
        off = _all_but(ticked) if what == self.REPLACE else Selection()
        return Wish(on=ticked, off=off, portfolio_id=portfolio_id)


def _all_but(selection: Selection) -> Selection:
    entries = catalogue()
    return Selection(
        sum(1 << one.bit for one in entries.services) & ~selection.services,
        sum(1 << one.bit for one in entries.notices) & ~selection.notices,
    )
