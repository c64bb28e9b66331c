"""What is asked about a file: the file, the meaning of its columns, and a line to correct."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms

from portefeuille.catalogue.selection import Selection
from portefeuille.firms.access import Access
from portefeuille.imports.grids import LONGEST_CELL, MOST_COLUMNS
from portefeuille.imports.headings import LABELS, Column
from portefeuille.imports.models import Import

#: Values of the choice of services beside the models.
ALL, NONE = "tous", "aucun"
_MISSING_ACCOUNT = (
    "Choisissez la colonne du numéro de compte : il fait partie de chaque justificatif."
    " S'il manque dans votre fichier, ajoutez-le, puis envoyez-le de nouveau."
)
_INVISIBLE = "Ce texte contient un caractère invisible. Saisissez-le de nouveau."
_MISSING_FACT = "Choisissez la colonne du montant, ou celle du numéro de sécurité sociale."


class ColumnsForm(forms.Form):
    """What each column is; what stands for what a line leaves out."""

    def __init__(
        self,
        *args: Any,
        access: Access,
        headings: Sequence[str],
        templates: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        """``templates``: value and name of each model of the firm."""
        super().__init__(*args, **kwargs)
        choices = [("", "Ne pas utiliser"), *((column.value, label) for column, label in LABELS.items())]
        for place, heading in enumerate(headings):
            self.fields[_name(place)] = forms.ChoiceField(
                label=heading,
                choices=choices,
                required=False,
                error_messages={"invalid_choice": "Choisissez une des colonnes proposées."},
            )
        portfolios = [(str(portfolio.id), portfolio.name) for portfolio in access.managed]
        self.fields["portefeuille"] = forms.ChoiceField(
            label="Portefeuille",
            choices=portfolios if len(portfolios) == 1 else [("", "Choisir"), *portfolios],
            required=False,
            error_messages={"invalid_choice": "Choisissez un de vos portefeuilles."},
        )
        self.fields["services"] = forms.ChoiceField(
            label="Services à ouvrir",
            choices=[(NONE, "Aucun pour le moment"), (ALL, "Tous les services et tous les courriels"), *templates],
            error_messages={"required": "Choisissez les services.", "invalid_choice": "Choisissez dans la liste."},
        )
        self._width = len(headings)

    @property
    def columns_fields(self) -> list[forms.BoundField]:
        return [self[_name(place)] for place in range(self._width)]

    def clean(self) -> dict[str, Any]:
        held: Mapping[str, Any] = self.cleaned_data
        columns = [held.get(_name(place)) or None for place in range(self._width)]
        for place, column in enumerate(columns):
            if column and column in columns[:place]:
                label = LABELS[Column(column)]
                self.add_error(_name(place), f"«\u00a0{label}\u00a0» est déjà choisi pour une autre colonne.")
        if Column.ACCOUNT not in columns:
            self.add_error(None, _MISSING_ACCOUNT)
        if Column.AMOUNT not in columns and Column.NIR not in columns:
            self.add_error(None, _MISSING_FACT)
        if Column.PORTFOLIO not in columns and not held.get("portefeuille") and "portefeuille" not in self.errors:
            self.add_error("portefeuille", "Choisissez le portefeuille où ajouter ces clients.")
        return dict(held)

    @property
    def columns(self) -> list[Column | None]:
        values = [self.cleaned_data[_name(place)] for place in range(self._width)]
        return [Column(value) if value else None for value in values]


def _name(place: int) -> str:
    return f"colonne-{place}"


def initial(of: Import, chosen: str) -> dict[str, Any]:
    """What the form shows first."""
    return {
        **{_name(place): column or "" for place, column in enumerate(of.columns)},
        "portefeuille": str(of.portfolio_id or ""),
        "services": chosen,
    }


class LineForm(forms.Form):
    """The cells of one line that mean something, and the column that it needs where the file lacks it."""

    def __init__(
        self,
        *args: Any,
        columns: Sequence[str | None],
        cells: Sequence[str],
        lost: Collection[int] = (),
        needed: str = "",
        **kwargs: Any,
    ) -> None:
        """``lost``: the cells to be typed anew, whose digits are wrong. ``needed``: the ``Column`` at fault, or ""."""
        super().__init__(*args, **kwargs)
        self._cells = [*cells, *[""] * (len(columns) - len(cells))]
        self._places = {column: place for place, column in enumerate(columns) if column}
        self._more = Column(needed) if needed and needed not in self._places and len(columns) < MOST_COLUMNS else None
        for column in LABELS:
            place = self._places.get(column)
            if place is not None or column is self._more:
                self.fields[column.value] = forms.CharField(
                    label=LABELS[column],
                    required=False,
                    max_length=LONGEST_CELL,
                    initial="" if place is None or place in lost else self._cells[place],
                    error_messages={
                        "max_length": f"Ce texte est trop long : {LONGEST_CELL} caractères au plus.",
                        "null_characters_not_allowed": _INVISIBLE,
                    },
                )

    @property
    def cells(self) -> list[str]:
        """The whole line, with what was typed in its places."""
        changed = list(self._cells)
        for column, place in self._places.items():
            changed[place] = self.cleaned_data[column]
        return changed

    @property
    def more(self) -> tuple[Column, str] | None:
        """What was typed for the column that the file lacks."""
        return None if self._more is None else (self._more, self.cleaned_data[self._more])


def selection_named(chosen: str, templates: Sequence[tuple[str, str, Selection]]) -> Selection:
    if chosen == ALL:
        return Selection((1 << 62) - 1, (1 << 62) - 1)  # what a regime is not offered is left out for each client
    return next((selection for value, _, selection in templates if value == chosen), Selection())
