from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import AmountNotUnderstood, decimal_pounds, pence_of, pounds_in_words


@pytest.mark.parametrize(
    ("pounds", "pence"), [("31525.09", 3152509), (Decimal("0.005"), 1), (Decimal("-0.005"), -1), (7, 700), (" 7 ", 700)]
)
def test_pounds_become_whole_pence_half_up(pounds: Decimal | int | str, pence: int) -> None:
    assert pence_of(pounds) == pence


@pytest.mark.parametrize("pounds", ["", "ten", "NaN", "Infinity", 7.5, True])
def test_what_is_no_exact_amount_is_refused(pounds: object) -> None:
    with pytest.raises(AmountNotUnderstood):
        pence_of(pounds)


@given(st.integers(-(10**12), 10**12))
def test_the_decimal_string_comes_back_as_the_same_pence(pence: int) -> None:
    assert pence_of(decimal_pounds(pence)) == pence


def test_an_amount_reads_as_people_write_it() -> None:
    assert [pounds_in_words(pence) for pence in (2268075, 3152500, -5, 0)] == ["£22,680.75", "£31,525", "-£0.05", "£0"]
