"""``python -m tests.e2e.guide_screens [subject …]``: takes the pictures of ``docs/guide/`` again.

Of a demonstration of its own. The subjects are those of ``guide_pictures.SUBJECTS``, all of them when none is named,
always in their order there.
"""

import os
import sys
from typing import Any

import django

from tests.e2e import browsing, demonstration


def main(asked: list[str]) -> int:
    _read_the_models()
    from tests.e2e.conftest import Visits
    from tests.e2e.guide_pictures import FOLDER, SUBJECTS, Camera
    from tests.e2e.provable import Provable

    FOLDER.mkdir(parents=True, exist_ok=True)
    signed_in: dict[str, Any] = {}
    with demonstration.running() as demo, browsing.chromium() as browser:
        provable = Provable(demo)
        for subject, pictures in SUBJECTS.items():
            if not asked or subject in asked:
                visits = Visits(browser, demo, signed_in)
                pictures(Camera(demo, visits, provable))
                visits.close()
    return 0


def _read_the_models() -> None:
    """The gestures name regimes: Django must be there, but nothing of it may reach the demonstration."""
    before = dict(os.environ)
    os.environ["DJANGO_SETTINGS_MODULE"] = "portefeuille.config.settings_for_checks"
    django.setup()
    os.environ.clear()
    os.environ.update(before)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
