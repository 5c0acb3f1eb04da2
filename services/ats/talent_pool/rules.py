"""Who may be invited to what. No database, no clock."""

from __future__ import annotations

from services.ats.vacancies.models import Vacancy
from shared.errors import DomainError, NotFound
from shared.vocabulary import VacancyState


class NotInTalentPool(NotFound):
    code = "not_in_talent_pool"
    title = "There is nobody here for you in the talent pool by this id"


class NotAdvertised(DomainError):
    code = "not_advertised"
    title = "Nobody is invited to a job that is not advertised to everybody"


def refuse_unadvertised(vacancy: Vacancy) -> None:
    """A live advert alone: an internal one is for employees, and one in clearing for displaced staff first.

    Raises NotAdvertised.
    """
    if vacancy.state is not VacancyState.LIVE:
        raise NotAdvertised(field="state", state=vacancy.state, next_step="Invite people once the advert is live.")
