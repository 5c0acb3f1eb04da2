"""Reaching a vacancy as a member of its panel, who may work for another council."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.permitted import MANAGERS
from services.ats.panels import queries
from services.ats.panels.models import PanelMember
from services.ats.panels.rules import NotOnPanel
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import VacancyNotFound, find_vacancy
from shared.database import enter
from shared.principals import Principal, PrincipalKind
from shared.registry import StaffMember, find_staff
from shared.tenancy import REGION, Tenancy


@dataclass(frozen=True)
class Seat:
    """A vacancy as somebody came to it: `member` where they sit on its panel."""

    vacancy: Vacancy
    member: PanelMember | None

    @property
    def as_member(self) -> PanelMember:
        """Raises NotOnPanel."""
        if self.member is None:
            raise NotOnPanel(next_step="Ask who set up the panel to name you.")
        return self.member


async def take_seat(session: AsyncSession, vacancy_id: UUID, caller: Principal) -> Seat:
    """Come to a vacancy as a member of its panel, or as one of its own employer's managers.

    A member of another council reaches the vacancy's employer from here on, for this vacancy: row-level security has
    shown that the seat is theirs. A client must serve that employer itself. Raises VacancyNotFound.
    """
    member = None
    if caller.staff_id is not None:
        await enter(session, Tenancy(caller.employer_ids, caller.staff_id, caller.is_region))
        member = await queries.find_seat(session, vacancy_id, caller.staff_id)
    if member is not None and (caller.kind is PrincipalKind.STAFF or caller.may_act_for(member.employer_id)):
        await enter(session, Tenancy.of((member.employer_id,)))
    else:
        member = None
        await enter(session, caller.tenancy)
    vacancy = await find_vacancy(session, vacancy_id)
    if vacancy is None or (member is None and not _manages(caller, vacancy.employer_id)):
        raise VacancyNotFound
    return Seat(vacancy, member)


def _manages(caller: Principal, employer_id: UUID) -> bool:
    return any(each.role in MANAGERS and each.employer_id == employer_id for each in caller.grants)


async def people_of_region(
    session: AsyncSession, staff_ids: Collection[UUID], back_to: Tenancy
) -> Mapping[UUID, StaffMember]:
    """Staff of any council by their ids: a panel may borrow them. The transaction reaches no further afterwards."""
    await enter(session, REGION)
    found = [await find_staff(session, each) for each in sorted(set(staff_ids))]
    await enter(session, back_to)
    return {each.id: each for each in found if each is not None}
