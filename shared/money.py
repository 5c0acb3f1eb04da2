"""Money is whole pence inside and a decimal string outside, never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from shared.errors import Invalid

PENCE_IN_A_POUND = 100


class AmountNotUnderstood(Invalid):
    code = "amount_not_understood"
    title = "Give an amount in pounds as a decimal string, such as 31525.09"


def pence_of(pounds: Decimal | int | str) -> int:
    """Whole pence of an amount in pounds, rounded half up. Raises AmountNotUnderstood; floats are refused."""
    if isinstance(pounds, (bool, float)):
        raise AmountNotUnderstood
    try:
        amount = Decimal(pounds)
    except InvalidOperation:
        raise AmountNotUnderstood from None
    if not amount.is_finite():
        raise AmountNotUnderstood
    return rounded_pence(amount * PENCE_IN_A_POUND)


def rounded_pence(pence: Decimal) -> int:
    """Whole pence of a calculated number of pence, rounded half up (away from nought)."""
    return int(pence.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def decimal_pounds(pence: int) -> str:
    """The amount as it goes out by HTTP: "31525.09"."""
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // PENCE_IN_A_POUND}.{abs(pence) % PENCE_IN_A_POUND:02d}"


def pounds_in_words(pence: int) -> str:
    """The amount as people read it: "£31,525.09", without pence when there are none."""
    sign = "-" if pence < 0 else ""
    whole, part = divmod(abs(pence), PENCE_IN_A_POUND)
    return f"{sign}£{whole:,}" + (f".{part:02d}" if part else "")
