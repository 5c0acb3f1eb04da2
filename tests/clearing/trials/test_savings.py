from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.clearing.trials.savings import (
    PayProtectionPolicy,
    PensionFacts,
    Saving,
    StrainQuote,
    pay_protection,
    strain_avoided,
)

OLD = 3_885_000
NEW = (3_601_600,) * 6 + (3_673_600,) * 6


def pension(**changes: Any) -> PensionFacts:
    given: dict[str, Any] = {
        "born_on": date(1968, 7, 19),
        "ends_on": date(2027, 3, 31),
        "member_since": date(2004, 9, 1),
        "quote": StrainQuote.QUOTED,
        "quote_pence": 4_820_000,
    }
    return PensionFacts(**(given | changes))


def test_pay_protection_tops_up_each_months_shortfall() -> None:
    assert pay_protection(OLD, NEW[:6], bands_down=1) == 141_700
    assert pay_protection(OLD, NEW[6:], bands_down=1) == 105_700
    assert pay_protection(OLD, NEW, bands_down=1) == 247_400


def test_pay_protection_ends_with_its_months_its_bands_and_its_hours() -> None:
    assert pay_protection(OLD, NEW + NEW, bands_down=1) == 247_400
    assert pay_protection(OLD, NEW, bands_down=2) == 0
    assert pay_protection(OLD, NEW, bands_down=2, policy=PayProtectionPolicy(most_bands_down=2)) == 247_400
    assert pay_protection(OLD, NEW, bands_down=1, hours_ratio=Decimal("0.5")) == 123_700
    assert pay_protection(OLD, NEW, bands_down=1, policy=PayProtectionPolicy(months=6, percent=50)) == 70_850
    assert pay_protection(3_000_000, NEW, bands_down=0) == 0


@pytest.mark.parametrize(
    ("changes", "pence"),
    [
        ({}, 4_820_000),
        ({"quote": StrainQuote.INDICATIVE}, 4_820_000),
        ({"quote": StrainQuote.NONE}, 0),
        ({"born_on": date(1972, 3, 31)}, 4_820_000),
        ({"born_on": date(1972, 4, 1)}, 0),
        ({"member_since": date(2025, 3, 31)}, 4_820_000),
        ({"member_since": date(2025, 4, 1)}, 0),
        ({"born_on": date(1972, 1, 1), "ends_on": date(2028, 4, 6)}, 0),
        ({"born_on": date(1972, 1, 1), "ends_on": date(2028, 4, 5)}, 4_820_000),
        ({"born_on": date(1972, 1, 1), "ends_on": date(2028, 4, 6), "has_protected_age": True}, 4_820_000),
    ],
)
def test_strain_is_avoided_only_from_the_minimum_pension_age_and_two_years_membership(
    changes: dict[str, Any], pence: int
) -> None:
    assert strain_avoided(pension(**changes)) == pence


@pytest.mark.parametrize(("redundancy", "net"), [(2_140_350, 6_592_950), (2_650_500, 7_103_100)])
def test_example_e_nets_costs_avoided_and_costs_met(redundancy: int, net: int) -> None:
    saving = Saving(
        redundancy_avoided=redundancy,
        strain_avoided=strain_avoided(pension()),
        pay_protection=247_400,
        retraining=120_000,
        recruitment_avoided=500_000,
        service_years_carried=22,
        strain_quote=StrainQuote.QUOTED,
    )
    assert saving.net == net


def test_recruitment_avoided_is_shown_and_never_netted() -> None:
    saving = Saving(redundancy_avoided=100, pilon_avoided=10, excess_travel=1, recruitment_avoided=1000)
    assert saving.net == 109
    assert saving.parts() == {
        "redundancy_avoided": 100,
        "strain_avoided": 0,
        "pilon_avoided": 10,
        "pay_protection": 0,
        "retraining": 0,
        "excess_travel": 1,
        "recruitment_avoided": 1000,
        "service_years_carried": 0,
        "strain_quote": "none",
        "net": 109,
    }
