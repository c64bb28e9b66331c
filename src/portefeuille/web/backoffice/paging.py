"""What the lists of the back office read of an address."""

from django.http import QueryDict

#: Nobody turns so many pages; a database would.
LAST_PAGE = 10_000


def page_of(address: QueryDict) -> int:
    page = address.get("page", "")
    return max(1, min(int(page), LAST_PAGE)) if page.isascii() and page.isdigit() and len(page) < 9 else 1
