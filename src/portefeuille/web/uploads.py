"""Files that people send: in memory, within a size, and only to the pages that ask for one."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

View = TypeVar("View", bound=Callable[..., Any])

#: Characters of the name of a file that are shown.
LONGEST_NAME = 80
#: What a form may weigh beside its file.
_BESIDE = 64 * 1024
#: Beyond this, what is sent is not even read to its end: a browser then shows a page of its own instead of our answer.
_PATIENCE = 1024 * 1024 * 1024
#: Said to who sent a file once the session had ended: nothing of it was kept.
FILE_AGAIN = "Vous êtes de nouveau connecté. Choisissez de nouveau votre fichier."


def takes_file(most: int) -> Callable[[View], View]:
    """Marks a page that takes a file of ``most`` bytes. What is sent to any other is read past and kept nowhere."""

    def mark(view: View) -> View:
        view.takes_file = most  # type: ignore[attr-defined]
        return view

    return mark


def sent_file(request: HttpRequest, name: str) -> bytes | None:
    """The bytes of a file, or None when none was sent. A longer one is ``too_large``."""
    sent = request.FILES.get(name)
    return None if sent is None else bytes(sent.read())


def sent_name(request: HttpRequest, name: str) -> str:
    """The name of a file as it may be shown, without what cannot be seen; "" when none was sent."""
    return str(getattr(request.FILES.get(name), "shown_name", ""))


def too_large(request: HttpRequest) -> bool:
    return bool(getattr(request, "file_too_large", False))


class WhereAsked(FileUploadHandler):
    """The one upload handler of the site (``FILE_UPLOAD_HANDLERS``). Nothing is ever written to a disk."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, str], content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        match = self.request.resolver_match if self.request is not None else None
        self.most = int(getattr(match.func, "takes_file", 0)) if match is not None else 0
        if self.most and content_length > self.most + _BESIDE:
            self._refuse()
            self.most = 0
        self.length = content_length

    def new_file(self, *about: Any, **more: Any) -> None:
        super().new_file(*about, **more)
        self.pieces: list[bytes] = []
        self.size = 0
        if self.length > _PATIENCE:  # the fields before it are read: whoever waits is answered all the same
            raise StopUpload(connection_reset=True)
        if not self.most:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size > self.most:
            self.pieces.clear()
            self._refuse()
            raise SkipFile
        self.pieces.append(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile | None:
        if not self.most or self.size > self.most:
            return None
        # Neither the name nor the type that came along are believed. The name is only shown to whoever sent it.
        whole = InMemoryUploadedFile(BytesIO(b"".join(self.pieces)), self.field_name, "fichier", "", self.size, None)
        whole.shown_name = "".join(filter(str.isprintable, self.file_name or ""))[:LONGEST_NAME]  # type: ignore[attr-defined]
        return whole

    def _refuse(self) -> None:
        if self.request is not None:
            self.request.file_too_large = True  # type: ignore[attr-defined]
