"""Adding in numbers. ``A`` is a file of Alice's and ``B`` one of Charlie's: nobody else sees them, of the firm or not.

The file of each address is in the state in which the page acts: see ``prepare``.
"""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from portefeuille.imports.models import Block, Import
from tests.cast import LIBERAL_SAME_SIREN, MANAGER
from tests.imports import journey

TABLE = """
route               object  method  stranger  zoe  charlie  rita  bob   nina  alice  carl  ida  ada
import_send         A       GET     sign-in   404  404      200   200   200   200    404   404  404
import_send         A       POST    sign-in   404  404      200   302!  302!  302!   404   404  404
import_send         A       other   sign-in   405  405      405   405   405   405    405   405  405
import_send         B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_send         B       POST    sign-in   404  302!     404   404   404   404    404   404  404
import_send         B       other   sign-in   405  405      405   405   405   405    405   405  405
import_model_csv    A       GET     sign-in   404  404      200   200   200   200    404   404  404
import_model_csv    A       POST    sign-in   405  405      405   405   405   405    405   405  405
import_model_csv    A       other   sign-in   405  405      405   405   405   405    405   405  405
import_model_csv    B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_model_csv    B       POST    sign-in   405  405      405   405   405   405    405   405  405
import_model_csv    B       other   sign-in   405  405      405   405   405   405    405   405  405
import_model_xlsx   A       GET     sign-in   404  404      200   200   200   200    404   404  404
import_model_xlsx   A       POST    sign-in   405  405      405   405   405   405    405   405  405
import_model_xlsx   A       other   sign-in   405  405      405   405   405   405    405   405  405
import_model_xlsx   B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_model_xlsx   B       POST    sign-in   405  405      405   405   405   405    405   405  405
import_model_xlsx   B       other   sign-in   405  405      405   405   405   405    405   405  405
import_one          A       GET     sign-in   404  404      404   404   404   200    404   404  404
import_one          A       POST    sign-in   405  405      405   405   405   405    405   405  405
import_one          A       other   sign-in   405  405      405   405   405   405    405   405  405
import_one          B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_one          B       POST    sign-in   405  405      405   405   405   405    405   405  405
import_one          B       other   sign-in   405  405      405   405   405   405    405   405  405
import_columns      A       GET     sign-in   404  404      404   404   404   200    404   404  404
import_columns      A       POST    sign-in   404  404      404   404   404   302!   404   404  404
import_columns      A       other   sign-in   405  405      405   405   405   405    405   405  405
import_columns      B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_columns      B       POST    sign-in   404  302!     404   404   404   404    404   404  404
import_columns      B       other   sign-in   405  405      405   405   405   405    405   405  405
import_line         A       GET     sign-in   404  404      404   404   404   200    404   404  404
import_line         A       POST    sign-in   404  404      404   404   404   302!   404   404  404
import_line         A       other   sign-in   405  405      405   405   405   405    405   405  405
import_line         B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_line         B       POST    sign-in   404  302!     404   404   404   404    404   404  404
import_line         B       other   sign-in   405  405      405   405   405   405    405   405  405
import_start        A       GET     sign-in   404  404      404   404   404   302    404   404  404
import_start        A       POST    sign-in   404  404      404   404   404   302!   404   404  404
import_start        A       other   sign-in   405  405      405   405   405   405    405   405  405
import_start        B       GET     sign-in   404  302      404   404   404   404    404   404  404
import_start        B       POST    sign-in   404  302!     404   404   404   404    404   404  404
import_start        B       other   sign-in   405  405      405   405   405   405    405   405  405
import_stop         A       GET     sign-in   404  404      404   404   404   200    404   404  404
import_stop         A       POST    sign-in   404  404      404   404   404   302!   404   404  404
import_stop         A       other   sign-in   405  405      405   405   405   405    405   405  405
import_stop         B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_stop         B       POST    sign-in   404  302!     404   404   404   404    404   404  404
import_stop         B       other   sign-in   405  405      405   405   405   405    405   405  405
import_delete       A       GET     sign-in   404  404      404   404   404   200    404   404  404
import_delete       A       POST    sign-in   404  404      404   404   404   302!   404   404  404
import_delete       A       other   sign-in   405  405      405   405   405   405    405   405  405
import_delete       B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_delete       B       POST    sign-in   404  302!     404   404   404   404    404   404  404
import_delete       B       other   sign-in   405  405      405   405   405   405    405   405  405
import_report_csv   A       GET     sign-in   404  404      404   404   404   200    404   404  404
import_report_csv   A       POST    sign-in   405  405      405   405   405   405    405   405  405
import_report_csv   A       other   sign-in   405  405      405   405   405   405    405   405  405
import_report_csv   B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_report_csv   B       POST    sign-in   405  405      405   405   405   405    405   405  405
import_report_csv   B       other   sign-in   405  405      405   405   405   405    405   405  405
import_report_xlsx  A       GET     sign-in   404  404      404   404   404   200    404   404  404
import_report_xlsx  A       POST    sign-in   405  405      405   405   405   405    405   405  405
import_report_xlsx  A       other   sign-in   405  405      405   405   405   405    405   405  405
import_report_xlsx  B       GET     sign-in   404  200      404   404   404   404    404   404  404
import_report_xlsx  B       POST    sign-in   405  405      405   405   405   405    405   405  405
import_report_xlsx  B       other   sign-in   405  405      405   405   405   405    405   405  405
"""

_OWNERS = {"A": "alice", "B": "charlie"}
_ROWS = [journey.row(LIBERAL_SAME_SIREN, siren="7"), journey.row(MANAGER)]
_MADE: dict[tuple[str, str], Import] = {}


class _Again(SimpleUploadedFile):
    """A file that each of many people sends."""

    def read(self, *size: int) -> bytes:
        self.seek(0)
        return bytes(super().read(*size))


def prepare(scene: Any) -> None:
    """A file of each owner in each state that a page asks for."""
    for thing, who in _OWNERS.items():
        for state in ("read", "checked", "running", "done"):
            of = journey.kept(scene.cast, _ROWS, who)
            Import.objects.filter(pk=of.pk).update(state=state, portfolio_id=scene.cast.access(who).managed_ids[0])
            Block.objects.filter(of=of).update(checked="fo", outcomes="NA" if state == "done" else "")
            _MADE[thing, state] = of


def arguments(_scene: Any, route: str, thing: str) -> dict[str, Any]:
    if route in ("import_send", "import_model_csv", "import_model_xlsx"):
        return {}
    state = {"import_columns": "read", "import_stop": "running"}.get(route, "done" if "report" in route else "checked")
    given: dict[str, Any] = {"uid": _MADE[thing, state].uid}
    return given | {"place": 0} if route == "import_line" else given


def sent(scene: Any, route: str, thing: str) -> dict[str, Any]:
    if route == "import_send":
        return {"fichier": _Again("x.csv", journey.content(_ROWS))}
    if route == "import_columns":
        columns = {f"colonne-{place}": name or "" for place, name in enumerate(_MADE[thing, "read"].columns)}
        return {**columns, "portefeuille": scene.portfolio_of(thing), "services": "aucun"}
    if route == "import_line":
        row = journey.row(LIBERAL_SAME_SIREN)
        return dict(zip(["siren", "numero_compte", "montant", "nir", "portefeuille"], row, strict=True))
    return {}
