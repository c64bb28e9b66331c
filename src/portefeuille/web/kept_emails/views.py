"""The e-mails that a demonstration keeps instead of sending them. Nowhere else do these pages exist."""

import re
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from markupsafe import Markup, escape

from portefeuille.outbox.actions import SecretLost, text_of
from portefeuille.outbox.models import Message

PAGE = 50


@login_not_required
@require_safe
def every_email(request: HttpRequest) -> HttpResponse:
    """Newest first, 50 a page; ``?page=2``."""
    _only_in_a_demonstration()
    typed = request.GET.get("page", "1")
    page = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1
    start = max(page - 1, 0) * PAGE
    found = list(
        Message.objects.order_by("-created_at", "-pk").only("uid", "channel", "recipient", "subject", "created_at")[
            start : start + PAGE + 1
        ]
    )
    context = {
        "emails": found[:PAGE],
        "previous": f"?page={page - 1}" if page > 1 else "",
        "next": f"?page={page + 1}" if len(found) > PAGE else "",
    }
    return render(request, "emails_kept/list.html", context)


@login_not_required
@require_safe
def one_email(request: HttpRequest, uid: UUID) -> HttpResponse:
    _only_in_a_demonstration()
    email = get_object_or_404(Message, uid=uid)
    try:
        body = text_of(email.body, email.secret)
    except SecretLost:
        body = email.body
    return render(request, "emails_kept/one.html", {"email": email, "body": with_links(body)})


def with_links(text: str) -> Markup:
    """``text`` escaped, with the addresses of this very site as links; those of others stay words."""
    ours = re.compile(rf"{re.escape(settings.SITE_ADDRESS)}/[^\s<>\"']*")
    parts, end = [], 0
    for match in ours.finditer(text):
        address = match.group().rstrip(".,;:)")
        parts += [escape(text[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(address)]
        end = match.start() + len(address)
    return Markup("").join([*parts, escape(text[end:])])


def _only_in_a_demonstration() -> None:
    if not settings.DEMO:
        raise Http404
