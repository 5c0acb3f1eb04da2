"""Pay protection and the saving of a redeployment (4.5, 4.6). Pence in whole numbers, sums in Decimal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.clearing.trials.redundancy_pay import age_on, anniversary
from shared.money import rounded_pence

PROTECTION_MONTHS = 12
MOST_PROTECTED_BANDS_DOWN = 1
FEWEST_PENSION_YEARS = 2
MINIMUM_PENSION_AGE = 55
LATER_PENSION_AGE, LATER_PENSION_AGE_FROM = 57, date(2028, 4, 6)
FULL_PERCENT = 100


class StrainQuote(StrEnum):
    """How good the figure for pension strain is: the fund's own quote, an indication, or none."""

    QUOTED = "quoted"
    INDICATIVE = "indicative"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PayProtectionPolicy:
    """The regional default: a year of the whole shortfall, for a drop of at most one band, paid by the old employer."""

    months: int = PROTECTION_MONTHS
    percent: int = FULL_PERCENT
    most_bands_down: int = MOST_PROTECTED_BANDS_DOWN


@dataclass(frozen=True, slots=True)
class PensionFacts:
    """What strain depends on. `has_protected_age` keeps 55 past April 2028 (proposed for members before Nov 2021)."""

    born_on: date
    ends_on: date
    member_since: date
    quote: StrainQuote = StrainQuote.NONE
    quote_pence: int = 0
    has_protected_age: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """Costs avoided and costs met, in pence; every line is shown beside the net.

    `recruitment_avoided` stands on a line of its own and is never netted. `service_years_carried` is the liability
    that passes to the gaining council: the saving is cash now, it does not extinguish that.
    """

    redundancy_avoided: int
    strain_avoided: int = 0
    pilon_avoided: int = 0
    pay_protection: int = 0
    retraining: int = 0
    excess_travel: int = 0
    recruitment_avoided: int = 0
    service_years_carried: int = 0
    strain_quote: StrainQuote = StrainQuote.NONE

    @property
    def net(self) -> int:
        """4.6: redundancy + strain + pay in lieu of notice, less pay protection, retraining and excess travel."""
        avoided = self.redundancy_avoided + self.strain_avoided + self.pilon_avoided
        return avoided - self.pay_protection - self.retraining - self.excess_travel

    def parts(self) -> dict[str, int | str]:
        """Every line by name, for keeping."""
        lines = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**lines, "strain_quote": self.strain_quote.value, "net": self.net}


def pay_protection(
    old_fte_pence: int,
    new_fte_pence_by_month: Sequence[int],
    *,
    bands_down: int,
    hours_ratio: Decimal = Decimal(1),
    policy: PayProtectionPolicy | None = None,
) -> int:
    """Top-up in pence over the protected months (4.5): frozen cash, the shortfall of each month's full-time pay.

    `new_fte_pence_by_month` is the new annual full-time pay in each month, in order; months past the policy's are not
    counted. `hours_ratio` is the new post's hours over full time: fewer hours are not protected. Nothing is due for
    a drop of more bands than the policy covers.
    """
    chosen = policy or PayProtectionPolicy()
    if bands_down > chosen.most_bands_down:
        return 0
    shortfall = sum(max(0, old_fte_pence - new) for new in new_fte_pence_by_month[: chosen.months])
    return rounded_pence(Decimal(shortfall) / 12 * hours_ratio * chosen.percent / 100)


def minimum_pension_age(ends_on: date, *, has_protected_age: bool) -> int:
    """55; 57 for an employment that ends from 6 April 2028, unless the lower age is protected."""
    return LATER_PENSION_AGE if ends_on >= LATER_PENSION_AGE_FROM and not has_protected_age else MINIMUM_PENSION_AGE


def strain_avoided(facts: PensionFacts) -> int:
    """Pension strain in pence: the quote, from minimum pension age and two years' membership on; else nothing."""
    old_enough = age_on(facts.born_on, facts.ends_on) >= minimum_pension_age(
        facts.ends_on, has_protected_age=facts.has_protected_age
    )
    vested = anniversary(facts.member_since, FEWEST_PENSION_YEARS) <= facts.ends_on
    return facts.quote_pence if old_enough and vested and facts.quote is not StrainQuote.NONE else 0
