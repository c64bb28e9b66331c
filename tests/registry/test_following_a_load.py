"""A load and what repeats the register are one: either both change, or neither."""

from pathlib import Path

import pytest

from portefeuille.enrolments.following import follow_register
from portefeuille.enrolments.models import Enrolment
from portefeuille.registry import feeds
from portefeuille.registry.models import Account
from tests.cast import EMPLOYER, Cast

HEADER = "numero_compte,regime,organisme,siren,siret,titulaire,code_postal,commune,etat,date_etat,courriel\n"


@pytest.fixture
def struck_off_feed(tmp_path: Path) -> Path:
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "comptes.csv").write_text(
        HEADER
        + f"{EMPLOYER.account},RG,117,{EMPLOYER.siren},{EMPLOYER.siret},Œuvrard,24260,Savignac,radie,2026-11-01,\n",
        encoding="utf-8",
    )
    return folder


def test_enrolments_follow_in_the_transaction_of_the_file(cast: Cast, struck_off_feed: Path, tmp_path: Path) -> None:
    cast.enrol(EMPLOYER)
    feeds.load(struck_off_feed, lambda _: None, rejects=tmp_path, follow=follow_register)
    assert Enrolment.objects.get().account_state == "radie"


def test_a_following_that_fails_loads_nothing(cast: Cast, struck_off_feed: Path, tmp_path: Path) -> None:
    cast.enrol(EMPLOYER)

    def dies(*, sirens: set[str], account_numbers: set[str]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feeds.load(struck_off_feed, lambda _: None, rejects=tmp_path, follow=dies)
    assert Account.objects.get(number=EMPLOYER.account).state == "actif"
