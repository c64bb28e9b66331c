"""The form of a code: six digits of an application, or a recovery code."""

from django import forms

from portefeuille.people.proofs import Verdict
from portefeuille.people.second_factor import is_code

SAID = {
    Verdict.WRONG: "Ce code n'est pas le bon, ou il a déjà servi. Attendez le suivant, puis saisissez-le.",
    Verdict.OTHER_TIME: "Ce code est celui d'un autre moment : l'heure de votre appareil n'est pas juste. "
    "Réglez-la sur automatique, puis saisissez le code suivant.",
    Verdict.TOO_MANY: "Trop d'essais. Attendez cinq minutes, puis réessayez.",
}
WRONG_RECOVERY_CODE = "Ce code de secours n'est pas le bon, ou il a déjà servi."
_SHAPE = "Le code de l'application a 6 chiffres."
_RECOVERY_SHAPE = "Un code de secours a 10 lettres et chiffres, comme 7KQ2M-0XWVD."


class CodeForm(forms.Form):
    """A slip is said at once and is no attempt."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        max_length=100,
        error_messages={
            "required": "Saisissez le code que votre application montre.",
            "max_length": _SHAPE,
            "null_characters_not_allowed": _SHAPE,
        },
    )
    shape = _SHAPE

    def refuse(self, said: str) -> None:
        """Say what is wrong beside the field, and empty it: the next code is another."""
        self.add_error("code", said)
        self.data = {}

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not is_code(code):
            raise forms.ValidationError(self.shape)
        return code


class RecoveryCodeForm(CodeForm):
    shape = _RECOVERY_SHAPE
    code = forms.CharField(
        label="Code de secours",
        max_length=100,
        error_messages={
            "required": "Saisissez un de vos codes de secours.",
            "max_length": _RECOVERY_SHAPE,
            "null_characters_not_allowed": _RECOVERY_SHAPE,
        },
    )
