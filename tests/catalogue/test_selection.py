"""Services and notices as codes, and as the bits that enrolments store for ever."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portefeuille.catalogue.models import Notice, Service
from portefeuille.catalogue.selection import Catalogue, Selection, catalogue
from portefeuille.registry.models import Regime

# What the rows of existing enrolments mean: a place in this list is never given to another code.
SERVICE_BITS = [
    "dpae", "dpae-service-plus", "declaration-cotisations", "paiement-cotisations", "situation-comptes", "echanges",
    "attestations", "notifications-contentieuses", "travailler-etranger", "suivi-dsn",
]  # fmt: skip
NOTICE_BITS = [
    "bis", "certificat", "debut-periode", "messages", "attestations", "notifications-contentieuses", "suivi-dsn",
]  # fmt: skip


@pytest.fixture
def entries(db: None) -> Catalogue:
    return catalogue()


def test_bits_never_change_and_fit_their_column(entries: Catalogue) -> None:
    for column, known in ((entries.services, SERVICE_BITS), (entries.notices, NOTICE_BITS)):
        bits = {entry.code: entry.bit for entry in column}
        assert {code: bits.get(code) for code in known} == {code: bit for bit, code in enumerate(known)}
        assert len(set(bits.values())) == len(column)
        assert max(bits.values()) < 63  # a bigint, and its sign
        assert [entry.position for entry in column] == sorted(entry.position for entry in column)
        assert all(set(entry.regimes) <= set(Regime) for entry in column)


@pytest.mark.parametrize("model", [Service, Notice])
def test_the_database_refuses_a_bit_that_is_taken(entries: Catalogue, model: type[Service] | type[Notice]) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(code="new", label="Nouveau", bit=0, position=99, regimes=[])


def test_what_a_regime_is_not_offered_is_dropped(entries: Catalogue) -> None:
    wished = ["travailler-etranger", "dpae", "suivi-dsn", "unknown", "dpae", ""]
    notices = ["bis", "dpae", "BIS"]
    employer = entries.select(Regime.GENERAL, services=wished, notices=notices)
    assert entries.service_codes(employer.services) == ["dpae", "travailler-etranger", "suivi-dsn"]
    craft = entries.select(Regime.CRAFT_TRADE, services=wished, notices=notices)
    assert entries.service_codes(craft.services) == ["dpae"]
    assert entries.notice_codes(craft.notices) == ["bis"]
    assert entries.select(Regime.GENERAL, services=[], notices=[]) == Selection()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    regime=st.sampled_from(list(Regime)),
    services=st.sets(st.sampled_from(SERVICE_BITS)),
    notices=st.sets(st.sampled_from(NOTICE_BITS)),
)
def test_a_selection_and_its_codes_are_one(
    entries: Catalogue, regime: Regime, services: set[str], notices: set[str]
) -> None:
    made = entries.select(regime, services=services, notices=notices)
    offered = {entry.code for entry in entries.offered_services(regime)}
    assert set(entries.service_codes(made.services)) == services & offered
    assert (
        entries.select(
            regime, services=entries.service_codes(made.services), notices=entries.notice_codes(made.notices)
        )
        == made
    )


def test_bits_of_no_entry_have_no_code(entries: Catalogue) -> None:
    assert entries.service_codes(1 << 40) == []
    assert entries.notice_codes(1 << 40) == []
