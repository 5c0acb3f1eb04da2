"""The saving of a confirmed redeployment, counted once per registration (4.6)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.registrations.models import RedundancyCost, Registration
from services.clearing.registrations.queries import find_redundancy_cost, get_registration
from services.clearing.registrations.rules import is_redundancy
from services.clearing.trials import models, queries
from services.clearing.trials.models import Placement
from services.clearing.trials.redundancy_pay import (
    RedundancyPolicy,
    WeekBasis,
    WeekCapNotKnown,
    caps_known,
    redundancy_pay,
    statutory_weeks,
    whole_years,
)
from services.clearing.trials.savings import (
    PROTECTION_MONTHS,
    PensionFacts,
    Saving,
    StrainQuote,
    pay_protection,
    strain_avoided,
)
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back
from shared.reference.pay import FULL_TIME_HOURS_HUNDREDTHS, band_of_pay, in_pay_year_of

BATCH = 100

log = structlog.get_logger()


async def count_saving(
    session: AsyncSession, placement: Placement, registration: Registration, *, at: datetime
) -> None:
    """Nothing where no redundancy was avoided or the home council has not given the figures.

    A week's pay whose cap is not known yet fails closed, because no saving is better than a wrong one; it stays pending
    and is counted, as of `at`, once the cap is known (`count_pending_savings`).
    """
    placement.saving_pending = False
    costs = await find_redundancy_cost(session, registration.id)
    ends_on = registration.employment_ends_on
    if costs is None or ends_on is None or not is_redundancy(registration.reason):
        return
    try:
        saving = saving_of(costs, registration, placement, ends_on=ends_on, today=local_date(at))
    except WeekCapNotKnown as error:
        log.warning("saving_not_counted", reason=error.code, placement_id=str(placement.id))
        placement.saving_pending = True
        return
    await session.flush()
    await session.execute(
        insert(models.Saving)
        .values(
            registration_id=registration.id,
            home_employer_id=registration.home_employer_id,
            placement_id=placement.id,
            counted_at=at,
            net_pence=saving.net,
            parts=saving.parts(),
            service_years_carried=saving.service_years_carried,
        )
        .on_conflict_do_nothing(index_elements=["registration_id"])
    )


async def count_pending_savings(session: AsyncSession, _now: datetime) -> int:
    """Due work: savings whose week's cap has become known since the confirmation."""
    among = not_held_back(count_pending_savings, Placement.id)
    due = await queries.pending_savings(session, caps_known(), BATCH, among=among)

    async def step(placement_id: UUID) -> None:
        placement = await queries.get_placement(session, placement_id, lock=True)
        registration = await get_registration(session, placement.registration_id)
        await count_saving(session, placement, registration, at=placement.state_since)

    return await do_each(session, count_pending_savings, due, step)


def saving_of(
    costs: RedundancyCost, registration: Registration, placement: Placement, *, ends_on: date, today: date
) -> Saving:
    """4.6 from the figures that the home council gave. Raises WeekCapNotKnown."""
    basis = WeekBasis.ACTUAL if costs.uses_actual_week else WeekBasis.CAPPED
    weeks = statutory_weeks(costs.born_on, costs.service_from_on, ends_on)
    return Saving(
        redundancy_avoided=redundancy_pay(weeks, costs.weekly_pay_pence, ends_on, RedundancyPolicy(basis=basis)),
        strain_avoided=strain_avoided(_pension(costs, ends_on)),
        pilon_avoided=costs.pilon_pence,
        pay_protection=_protection(registration, placement, today),
        retraining=costs.retraining_pence,
        excess_travel=costs.excess_travel_pence,
        service_years_carried=whole_years(costs.service_from_on, ends_on),
        strain_quote=_quote(costs),
    )


def _pension(costs: RedundancyCost, ends_on: date) -> PensionFacts:
    return PensionFacts(
        born_on=costs.born_on,
        ends_on=ends_on,
        member_since=costs.pension_member_from_on or costs.service_from_on,
        quote=_quote(costs),
        quote_pence=costs.strain_pence or 0,
    )


def _quote(costs: RedundancyCost) -> StrainQuote:
    if costs.strain_pence is None:
        return StrainQuote.NONE
    return StrainQuote.QUOTED if costs.strain_is_quoted else StrainQuote.INDICATIVE


def _protection(registration: Registration, placement: Placement, today: date) -> int:
    """Both sides in the pounds of one pay year (4.5)."""
    old = in_pay_year_of(registration.fte_pay_pence, paid_on=registration.pay_effective_from, wanted_on=today)
    return pay_protection(
        old,
        [placement.new_fte_pay_pence] * PROTECTION_MONTHS,
        bands_down=max(0, registration.band - band_of_pay(placement.new_fte_pay_pence, today)),
        hours_ratio=min(Decimal(1), Decimal(placement.new_hours_hundredths) / FULL_TIME_HOURS_HUNDREDTHS),
    )
