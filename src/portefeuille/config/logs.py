"""The second net under R11: no NIR, no amount and no token of a link leaves the program in a log line."""

import logging
import re

# 13 or 15 digits that look like a NIR (sex, year, month, department…), with or without blanks.
_NIR = re.compile(
    r"(?<!\d)[12][\s.]?\d{2}[\s.]?\d{2}[\s.]?(?:\d{2}|2[AB])[\s.]?\d{3}[\s.]?\d{3}(?:[\s.]?\d{2})?(?!\d)"
)
_AMOUNT = re.compile(r"(?<![\w.])\d{1,3}(?:[\s\u00a0\u202f]?\d{3})*[.,]\d{2}(?!\d)(?:\s?€)?")
# What follows a slash and is longer than a uid: the token of a link of an e-mail, or a sealed account number.
_TOKEN = re.compile(r"(?<=/)[\w=-]{40,}")


def without_private_data(text: str) -> str:
    """``text`` with NIRs, amounts and tokens of links replaced by ``***``."""
    return _TOKEN.sub("***", _AMOUNT.sub("***", _NIR.sub("***", text)))


class PrivateDataFilter(logging.Filter):
    """Drops the query string of the paths that Django logs, which may hold what somebody typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.__dict__.pop("request", None)
        return True


class PrivateFormatter(logging.Formatter):
    """Formats a line, traceback included, without private data."""

    def format(self, record: logging.LogRecord) -> str:
        return without_private_data(super().format(record))
