"""Ajouter un compte (screens 4 and 5)."""

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portefeuille.catalogue.selection import Selection
from portefeuille.catalogue.templates import NameTaken, default_for, keep_template, templates
from portefeuille.enrolments import actions, queries
from portefeuille.enrolments.proving import remaining_tries
from portefeuille.enrolments.queries import Filters
from portefeuille.enrolments.results import AlreadyEnrolled, Asked, Closed, Enrolled, FormUsed, NotProved
from portefeuille.firms.access import Access
from portefeuille.identifiers.designation import Designation, Kind
from portefeuille.people.addresses import client_address
from portefeuille.registry import queries as registry
from portefeuille.registry.models import FactKind, Regime
from portefeuille.registry.queries import Subject
from portefeuille.sealing import seal, unseal
from portefeuille.web import notices
from portefeuille.web.adding.forms import CodeForm, IdentifierForm, ProofForm
from portefeuille.web.parking import take_parked
from portefeuille.web.space.boxes import notice_boxes, service_boxes, ticked
from portefeuille.web.space.firm_page import firm_page
from portefeuille.web.space.wording import enrolment_name, identifier, regime_label

#: What stands in place of the name of somebody who is not in the public register of companies.
NAMELESS = "Nom non diffusé"
ACCOUNT_IN_ADDRESS = "account-in-address"


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def add(request: HttpRequest, access: Access) -> HttpResponse:
    """The identifier of a new client; under it, the search among those the firm has (the seed's way to terminate)."""
    if request.method == "POST":
        form = IdentifierForm(request.POST)
        if form.is_valid():
            address = _address_of(access, form.cleaned_data["identifiant"])
            if address:
                return redirect(address)
            form.add_error("identifiant", "Aucun compte n'existe sous ce numéro. Vérifiez-le, puis recommencez.")
    elif parked := take_parked(request):
        form = IdentifierForm(initial={"identifiant": parked.get("identifiant", "")})
    else:
        form = IdentifierForm()
    establishment = request.GET.get("etablissement", "").strip()
    account = request.GET.get("compte", "").strip()
    sought = establishment or account
    number = request.GET.get("page", "")
    page = queries.clients(
        access,
        Filters(
            text=sought.replace("\x00", "")[: queries.LONGEST_SEARCH],
            order=queries.NEWEST_FIRST,
            page=int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1,
        ),
    )
    return render(
        request,
        "adding/add.html",
        {
            "access": access,
            "form": form,
            "establishment": establishment,
            "account": account,
            "sought": sought,
            "page": page,
            "enrolment_name": enrolment_name,
            "endable": frozenset(access.entire_ids),
            "previous": _page_address(request.GET, page.number - 1) if page.number > 1 else "",
            "next": _page_address(request.GET, page.number + 1) if page.has_next else "",
        },
    )


def _page_address(address: QueryDict, number: int) -> str:
    changed = address.copy()
    changed["page"] = str(number)
    return f"?{changed.urlencode()}#comptes"


def _address_of(access: Access, designated: Designation) -> str:
    """Where «Inscrire» leads; "" for a Siren without accounts. An account number always leads to the same page."""
    siren = designated.siren
    if designated.kind is Kind.PROVISIONAL_SIRET:
        siren = registry.siren_of(designated.value)
        number = "" if siren else registry.account_of_provisional(designated.value)
        return _account_address(access, number) if number else _siren_address(access, siren)
    if designated.kind is Kind.ACCOUNT_NUMBER:
        return _account_address(access, designated.value)
    return _siren_address(access, siren)


def _siren_address(access: Access, siren: str) -> str:
    lines = registry.lines_of_siren(siren)
    if not lines:
        return ""
    if len(lines) == 1:
        regime = lines[0].subject.regime
        return reverse("enrol_siren", kwargs={"firm": access.firm_uid, "siren": siren, "regime": regime})
    return reverse("choose_regime", kwargs={"firm": access.firm_uid, "siren": siren})


def _account_address(access: Access, number: str) -> str:
    """An account number never stands in an address in clear: it is half of a proof."""
    token = seal(ACCOUNT_IN_ADDRESS, number.encode())
    return reverse("enrol_account", kwargs={"firm": access.firm_uid, "token": token})


@require_safe
@firm_page
def choose_regime(request: HttpRequest, access: Access, siren: str) -> HttpResponse:
    """«Comptes à inscrire Siren 732 829 320 : 2 Régime Général, 1 Profession Libérale»: pick one."""
    lines = registry.lines_of_siren(siren)
    if not lines:
        raise Http404
    return render(
        request,
        "adding/choose_regime.html",
        {
            "access": access,
            "siren": siren,
            "name": registry.company_name(siren) or NAMELESS,
            "lines": lines,
            "enrolled": queries.enrolled_regimes(access, siren),
            "regime_label": regime_label,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def enrol_siren(request: HttpRequest, access: Access, siren: str, regime: Regime) -> HttpResponse:
    """The form for the accounts of one regime of a Siren."""
    lines = registry.lines_of_siren(siren)
    line = next((line for line in lines if line.subject.regime is regime), None)
    if line is None:
        raise Http404
    return enrol_page(request, access, line.subject, lines=lines, line=line)


@require_http_methods(["GET", "HEAD", "POST"])
@firm_page
def enrol_account(request: HttpRequest, access: Access, token: str) -> HttpResponse:
    """The form for a bare account number: the same whether the account exists or not."""
    number = unseal(ACCOUNT_IN_ADDRESS, token)
    if number is None:
        raise Http404
    return enrol_page(request, access, registry.subject_of_account(number.decode()), lines=[], line=None)


def enrol_page(
    request: HttpRequest,
    access: Access,
    subject: Subject,
    *,
    lines: list[registry.Line],
    line: registry.Line | None,
    by_code: bool = False,
) -> HttpResponse:
    """The boxes and the proof, or with ``by_code`` the code of a letter in its place."""
    made = CodeForm if by_code else ProofForm
    if not access.managed:
        return render(request, "adding/no_right.html", {"access": access})
    question = registry.question(subject) if subject.siren else None
    refused: NotProved | None = None
    already: AlreadyEnrolled | None = None
    closed = False
    selection = Selection()
    known_templates = templates(access)
    # A bare account number tells nothing before the proof: its regime, known or not, chooses no template.
    usual = default_for(known_templates, subject.regime if subject.siren else Regime.MAJORITY_MANAGER)
    wanted = request.GET.get("modele", str(usual.uid) if usual else "")
    if request.method == "POST":
        form = made(request.POST, access=access, subject=subject, question=question)
        selection = ticked(subject.regime, request.POST)
        if form.is_valid():
            result = actions.enrol(
                access=access,
                portfolio_id=form.cleaned_data["portefeuille"],
                subject=subject,
                proof=form.proof,
                selection=selection,
                address=client_address(request),
                form_key=form.cleaned_data["cle"],
            )
            if isinstance(result, Enrolled | Asked):
                if form.cleaned_data["modele"]:
                    _keep_as_template(request, access, form.cleaned_data["modele"], selection)
                clients = reverse("clients", kwargs={"firm": access.firm_uid})
                return redirect(f"{clients}?tri=-depuis&nouveau={result.uid}")
            if isinstance(result, NotProved):
                refused = result
            elif isinstance(result, AlreadyEnrolled):
                already = result
            elif isinstance(result, Closed):
                closed = True
            elif isinstance(result, FormUsed):
                notices.say_attention(
                    request, "Ce formulaire a déjà servi, et ce client a été résilié depuis. Saisissez-le de nouveau."
                )
                return redirect(request.path)
            else:
                form.add_error("portefeuille", "Vous ne pouvez pas ajouter de client à ce portefeuille.")
    elif parked := take_parked(request):
        form = made(initial=parked.dict(), access=access, subject=subject, question=question)
        selection = ticked(subject.regime, parked)
        notices.say_attention(
            request, "Vous êtes de nouveau connecté. Votre saisie est là : vérifiez, puis enregistrez."
        )
    else:
        selection = next((known.selection for known in known_templates if str(known.uid) == wanted), selection)
        form = made(initial={"cle": uuid4()}, access=access, subject=subject, question=question)
    if already is None and subject.siren:
        known = queries.enrolled_regimes(access, subject.siren).get(subject.regime)
        already = AlreadyEnrolled(*known) if known else None
    return render(
        request,
        "adding/enrol.html",
        {
            "access": access,
            "subject": subject,
            "line": line,
            # Before the proof, only what the public register of companies shows (R2).
            "public_name": (registry.company_name(subject.siren) or NAMELESS) if subject.siren else "",
            "lines": lines,
            # Of a bare account number, not even the regime is told before the proof.
            "name": enrolment_name(subject) if subject.siren else f"Compte {identifier(subject)}",
            "identifier": identifier(subject),
            "regime_label": regime_label,
            "form": form,
            "is_nir": form.kind is FactKind.NIR,
            "employer": form.kind is FactKind.DECLARED_AMOUNT,
            "templates": known_templates,
            "template": wanted,
            "possible": by_code or question is None or question.possible,
            "service_boxes": service_boxes(subject.regime, selection.services, access.services_within),
            "notice_boxes": notice_boxes(subject.regime, selection.notices),
            "refused": refused,
            "already": already,
            "closed": closed,
            "by_code": by_code,
            "other_ways": request.path.removesuffix("code/"),
            "remaining": refused.remaining if refused else remaining_tries(access=access, subject=subject),
        },
    )


def _keep_as_template(request: HttpRequest, access: Access, name: str, selection: Selection) -> None:
    """What was ticked, under a name; never in place of another template, which the others use as it is."""
    result = keep_template(access=access, name=" ".join(name.split()), selection=selection)
    if isinstance(result, NameTaken):
        notices.say_attention(request, f"Un modèle s'appelle déjà «\u00a0{name}\u00a0»\u00a0: il n'a pas changé.")
