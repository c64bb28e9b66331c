"""Ajouter en nombre: send a file, say what its columns are, see what will happen, start, follow, read the report."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import templates
from portefeuille.firms.access import Access
from portefeuille.imports import actions, queries
from portefeuille.imports.grids import Why
from portefeuille.imports.headings import LABELS, Column
from portefeuille.imports.lines import NO_CLIENT, TRIED, Check, Outcome
from portefeuille.imports.models import BY_REGIME, Import
from portefeuille.imports.opening import SENTENCES
from portefeuille.imports.reading import MOST_BYTES
from portefeuille.imports.results import Done, NoPortfolio, NotNow, Received, TooMany
from portefeuille.people.addresses import client_address
from portefeuille.sheets import csv_out, xlsx_out
from portefeuille.web import notices
from portefeuille.web.downloads import in_full
from portefeuille.web.imports.forms import ALL, NONE, ColumnsForm, LineForm, initial, selection_named
from portefeuille.web.parking import take_parked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.uploads import FILE_AGAIN, sent_file, sent_name, takes_file, too_large

_CHOOSE = "Choisissez un fichier CSV, XLSX ou ODS."
_TOO_MANY = "Vous avez déjà cinq fichiers en cours. Lancez-les ou supprimez-les d'abord."
_GONE = "Cet ajout a changé entre-temps. Voici où il en est."
#: The lines that the page of the check may show, by the word in its address: what is said of one, and of many.
CHECKS = {
    "a-corriger": ("à corriger", "à corriger", Check.FAULTY),
    "deja": ("déjà à vous", "déjà à vous", Check.OURS),
    "doubles": ("en double", "en double", Check.TWICE),
    "radies": ("radiée", "radiées", Check.STRUCK_OFF),
    "prets": ("prête", "prêtes", Check.READY),
    "sans-client": ("sans client", "sans client", Check.ASIDE),
}
OUTCOMES = {
    "refusees": ("refusée", "refusées", Outcome.REFUSED),
    "non-essayees": ("non essayée", "non essayées", Outcome.NOT_TRIED),
    "deja": ("déjà à vous", "déjà à vous", Outcome.OURS),
    "ajoutees": ("ajoutée", "ajoutées", Outcome.ADDED),
}
_MODEL = [column.value for column in LABELS]
_EXAMPLES = [
    ["732829320", "", "117000001234567890", "Régime Général", "1234,56", "", "", ""],
    ["404833048", "", "827000007654321098", "Artisan Commerçant", "", "1850375123456", "", ""],
    ["", "", "937000008888888888", "Gérant majoritaire", "980,00", "", "", ""],
]


@takes_file(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def send(request: HttpRequest, access: Access) -> HttpResponse:
    """The file, the model to fill, and the files that were sent before."""
    if not access.managed:
        return render(request, "adding/no_right.html", {"access": access})
    error = ""
    if request.method == "POST":
        content = sent_file(request, "fichier")
        if too_large(request):
            error = SENTENCES[Why.TOO_LARGE]
        elif content is None:
            error = _CHOOSE
        else:
            answer = actions.receive(access=access, content=content, name=sent_name(request, "fichier"))
            if isinstance(answer, Received):
                return redirect("import_columns", firm=access.firm_uid, uid=answer.uid)
            error = {TooMany: _TOO_MANY, NoPortfolio: _CHOOSE}.get(type(answer)) or SENTENCES[answer.why]  # type: ignore[union-attr]
    elif take_parked(request) is not None:
        notices.say_attention(request, FILE_AGAIN)
    return render(
        request,
        "imports/send.html",
        {
            "access": access,
            "error": error,
            "imports": [(one, queries.source(one)[0]) for one in queries.imports(access)],
            "states": _states_of(access),
        },
    )


def _states_of(_access: Access) -> dict[str, str]:
    return {state.value: str(state.label) for state in Import.State}


@require_safe
@firm_page
def model(_request: HttpRequest, _access: Access, kind: str) -> HttpResponse:
    """The model file, with made-up clients as examples."""
    return _file([_MODEL, *_EXAMPLES], kind, "modele-ajout-en-nombre")


def _file(rows: object, kind: str, name: str) -> HttpResponse:
    pieces = (
        csv_out.csv_file(rows)  # type: ignore[arg-type]
        if kind == "csv"
        else xlsx_out.xlsx_file(rows, title="Clients", widths=[24] * 12)  # type: ignore[arg-type]
    )
    answer = StreamingHttpResponse(pieces, content_type=(csv_out if kind == "csv" else xlsx_out).CONTENT_TYPE)
    if kind == "xlsx":
        answer["Content-Encoding"] = "identity"  # it is compressed already
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer  # type: ignore[return-value]


def _mine(access: Access, uid: UUID) -> Import:
    found = queries.found(access, uid)
    if found is None:
        raise Http404
    return found


def _one(access: Access, uid: UUID) -> str:
    return reverse("import_one", kwargs={"firm": access.firm_uid, "uid": uid})


def _named(access: Access) -> list[tuple[str, str, Selection]]:
    """The choices of services beside all and none: value, name, selection. The default of each regime comes first."""
    known = templates(access)
    named = [(str(template.uid), template.name, template.selection) for template in known]
    defaults = any(template.defaults for template in known)
    return [*([(BY_REGIME, "Le modèle par défaut de chaque régime", Selection())] if defaults else []), *named]


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def columns(request: HttpRequest, access: Access, uid: UUID) -> HttpResponse:
    """What each column is: proposed, to be corrected."""
    of = _mine(access, uid)
    if not access.managed:
        return render(request, "adding/no_right.html", {"access": access})
    if of.state in (Import.State.RUNNING, Import.State.DONE):
        return redirect(_one(access, uid))
    headings, named = queries.headings(of), _named(access)
    asked = partial(
        ColumnsForm, access=access, headings=headings, templates=[(value, name) for value, name, _ in named]
    )
    if request.method == "POST":
        form = asked(request.POST)
        if form.is_valid():
            chosen = form.cleaned_data["services"]
            answer = actions.check(
                access=access,
                uid=uid,
                columns=form.columns,
                portfolio_id=int(form.cleaned_data["portefeuille"] or 0) or None,
                selection=selection_named(chosen, named),
                model_name=chosen[:60],
            )
            if isinstance(answer, NotNow):
                notices.say_attention(request, _GONE)
            return redirect(_one(access, uid))
    elif parked := take_parked(request):
        form = asked(initial=parked.dict())
    else:
        known = [value for value, _, _ in named]
        chosen = of.model_name if of.model_name in [ALL, NONE, *known] else BY_REGIME if BY_REGIME in known else NONE
        form = asked(initial=initial(of, chosen))
    name, sheet = queries.source(of)
    return render(
        request,
        "imports/columns.html",
        {
            "access": access,
            "of": of,
            "form": form,
            "examples": queries.examples(of),
            "managed": access.managed,
            "name": name,
            "sheet": sheet,
            "recognised": [LABELS[Column(column)] for column in of.columns if column],
        },
    )


@require_safe
@firm_page
def one(request: HttpRequest, access: Access, uid: UUID) -> HttpResponse:
    """Where a file is: checked, running or done. While it moves, the page asks again by itself."""
    of = _mine(access, uid)
    moving = of.state in (Import.State.CHECKING, Import.State.RUNNING)
    if request.headers.get("HX-Request") == "true" and not moving:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if of.state == Import.State.READ:
        return redirect("import_columns", firm=access.firm_uid, uid=uid)
    if moving:
        return render(request, "imports/moving.html", {"access": access, "of": of, "progress": queries.progress(of)})
    return _lines(request, access, of)


def _lines(request: HttpRequest, access: Access, of: Import) -> HttpResponse:
    done = of.state == Import.State.DONE
    counts: Mapping[Any, int] = queries.outcomes(of) if done else queries.checks(of)
    sorts: Mapping[str, tuple[str, str, Any]] = OUTCOMES if done else CHECKS
    filled = {word: counts[sign] for word, (_, _, sign) in sorts.items()}
    chosen = request.GET.get("lignes", "")
    if chosen not in sorts:
        chosen = next((word for word, number in filled.items() if number), next(iter(sorts)))
    number = request.GET.get("page", "")
    page = queries.lines(
        of, [sorts[chosen][2]], int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    )

    def address(to: int) -> str:
        return f"?lignes={chosen}&page={to}"

    return render(
        request,
        "imports/report.html" if done else "imports/checked.html",
        {
            "access": access,
            "of": of,
            "sorts": [
                (word, one if filled[word] == 1 else many, filled[word]) for word, (one, many, _) in sorts.items()
            ],
            "chosen": chosen,
            "page": page,
            "previous": address(page.number - 1) if page.number > 1 else "",
            "next": address(page.number + 1) if page.last < page.total else "",
            "counts": {sign.name.lower(): held for sign, held in counts.items()},
            "ready": sum(counts.get(sign, 0) for sign in TRIED),
            "who": queries.who_columns(of),
            "labels": {column.value: label for column, label in LABELS.items()},
            "ending": str(Import.Ending(of.ending).label) if of.ending else "",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def line(request: HttpRequest, access: Access, uid: UUID, place: int) -> HttpResponse:
    """Correct one line before the run."""
    of = _mine(access, uid)
    shown = queries.line(of, place) if of.state == Import.State.CHECKED and place < of.rows else None
    if shown is None:
        if of.state == Import.State.CHECKED:
            raise Http404
        notices.say_attention(request, _GONE)
        return redirect(_one(access, uid))
    asked = partial(LineForm, columns=of.columns, cells=shown.cells, needed=shown.column)
    if request.method == "POST":
        form = asked(request.POST)
        if form.is_valid():
            answer = actions.correct(access=access, uid=uid, place=place, cells=form.cells, more=form.more)
            if isinstance(answer, NotNow):
                notices.say_attention(request, _GONE)
                return redirect(_one(access, uid))
            of = _mine(access, uid)
            again = queries.line(of, place)
            if again is None or again.sign not in (Check.FAULTY, Check.ASIDE):
                notices.say_done(request, f"La ligne {shown.number} est corrigée.")
                return redirect(_one(access, uid))
            # What it needs now may be another column that the file lacks.
            form = LineForm(request.POST, columns=of.columns, cells=again.cells, needed=again.column)
            sentence = NO_CLIENT if again.sign == Check.ASIDE else again.sentence
            form.add_error(again.column if again.column in form.fields else None, sentence)
    else:
        parked = take_parked(request)
        form = asked(initial=parked.dict() if parked else None, lost=shown.lost)
    return render(
        request, "imports/line.html", {"access": access, "of": of, "line": shown, "form": form, "labels": LABELS}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def start(request: HttpRequest, access: Access, uid: UUID) -> HttpResponse:
    """Start the run that was shown; who comes back from sign-in finds the button again."""
    of = _mine(access, uid)
    if request.method == "POST":
        seen = request.POST.get("vu", "")
        version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
        answer = actions.start(access=access, uid=of.uid, address=client_address(request), seen=version)
        if isinstance(answer, NotNow):
            notices.say_attention(request, _GONE)
    elif take_parked(request) is not None:
        notices.say_attention(request, "Vous êtes de nouveau connecté. Rien n'est encore ajouté : lancez l'ajout.")
    return redirect(_one(access, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def stop(request: HttpRequest, access: Access, uid: UUID) -> HttpResponse:
    """End a run, after the question."""
    of = _mine(access, uid)
    if of.state != Import.State.RUNNING:
        return redirect(_one(access, uid))
    if request.method == "POST":
        if isinstance(actions.stop(access=access, uid=uid), Done):
            notices.say_done(request, "L'ajout est arrêté. Ce qui était ajouté le reste.")
        return redirect(_one(access, uid))
    return render(request, "imports/stop.html", {"access": access, "of": of, "here": _one(access, uid)})


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def delete(request: HttpRequest, access: Access, uid: UUID) -> HttpResponse:
    """Forget a file and its report, after the question."""
    of = _mine(access, uid)
    if of.state == Import.State.RUNNING:
        return redirect(_one(access, uid))
    if request.method == "POST":
        if isinstance(actions.delete(access=access, uid=uid), Done):
            notices.say_done(request, "Le fichier est supprimé. Vos clients ne changent pas.")
            return redirect("import_send", firm=access.firm_uid)
        return redirect(_one(access, uid))
    return render(request, "imports/delete.html", {"access": access, "of": of, "here": _one(access, uid)})


@require_safe
@firm_page
def report(_request: HttpRequest, access: Access, uid: UUID, kind: str) -> HttpResponseBase:
    """The file that was sent, with the result of each line, to be corrected and sent again."""
    of = _mine(access, uid)
    if of.state != Import.State.DONE:
        return redirect(_one(access, uid))
    return _file(in_full(queries.report(of)), kind, "resultat-ajout-en-nombre")
