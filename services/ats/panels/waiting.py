"""What waits for somebody on the panels that they sit on, at whatever council."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.states import Stage
from services.ats.panels import queries
from services.ats.panels.models import PanelMember
from services.ats.panels.rules import Panel
from services.ats.panels.schemas import SeatRead
from services.ats.vacancies.queries import get_vacancy
from shared.database import enter
from shared.principals import Principal, PrincipalKind
from shared.registry import get_employer
from shared.tenancy import Tenancy


async def seats_with_work(session: AsyncSession, caller: Principal) -> list[SeatRead]:
    """Each panel of the caller's, newest first. The transaction is the caller's own again afterwards."""
    if caller.staff_id is None:
        return []
    await enter(session, Tenancy(caller.employer_ids, caller.staff_id, caller.is_region))
    seats = await queries.seats_of(session, caller.staff_id)
    shown = []
    for seat in seats:
        if caller.kind is PrincipalKind.STAFF or caller.may_act_for(seat.employer_id):
            await enter(session, Tenancy.of((seat.employer_id,)))
            shown.append(await _with_work(session, seat))
    await enter(session, caller.tenancy)
    return shown


async def _with_work(session: AsyncSession, seat: PanelMember) -> SeatRead:
    vacancy = await get_vacancy(session, seat.vacancy_id)
    panel: Panel = await queries.get_panel(session, seat.vacancy_id)
    done = {each.application_id for each in panel.sheets if each.staff_id == seat.staff_id and each.submitted_at}
    waiting = [
        each
        for each in await queries.applications_for_panel(session, seat.vacancy_id)
        if each.stage is Stage.SUBMITTED and each.id not in done and panel.may_score(seat.staff_id, each.id)
    ]
    return SeatRead(
        vacancy_id=vacancy.id,
        vacancy_title=vacancy.title,
        reference=vacancy.reference,
        employer=(await get_employer(session, vacancy.employer_id)).code,
        is_lead=seat.is_lead,
        has_declared=seat.staff_id in panel.declarations,
        to_score=len(waiting),
    )
