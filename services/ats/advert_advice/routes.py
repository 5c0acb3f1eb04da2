"""Advice on the words of an advert, for a draft in another system and for a vacancy that is here."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.ats.advert_advice.rules import AdvertText, advise, reading_age
from services.ats.advert_advice.schemas import AdvertDraft, AdviceList, AdviceRead
from services.ats.vacancies import queries
from shared.app import SessionDep
from shared.auth import Principal, allow
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["advert advice"])
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]


def _advice_on(advert: AdvertText) -> AdviceList:
    return AdviceList(
        reading_age=reading_age(advert.description),
        advice=[AdviceRead.model_validate(each) for each in advise(advert)],
    )


@router.post(
    "/advert-advice",
    summary="Advice on the words of an advert; stores nothing",
    response_model=AdviceList,
    responses=problems(),
)
async def advise_on_draft(draft: AdvertDraft, _caller: Reader) -> AdviceList:
    return _advice_on(AdvertText(draft.title, draft.description, draft.essential, draft.has_pay))


@router.get(
    "/vacancies/{vacancy_id}/advice",
    summary="Advice on the advert of a vacancy",
    response_model=AdviceList,
    responses=problems(404),
)
async def advise_on_vacancy(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> AdviceList:
    vacancy = await queries.get_vacancy(session, vacancy_id)
    essential = [each["text"] for each in vacancy.essential]
    # A vacancy has pay, or it would not be here.
    return _advice_on(AdvertText(vacancy.title, vacancy.description, essential, has_pay=True))
