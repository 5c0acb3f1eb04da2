"""What clearing does about each event it hears: one call into a command."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.clearing.privacy import commands as privacy
from services.clearing.referrals.offers import make_offer, note_refused_opening
from services.clearing.windows.commands import hear_vacancy
from shared.consumer import Handler, Handling
from shared.events.ats import OpeningRefused, OpeningReserved, VacancyChanged
from shared.events.base import Event
from shared.events.privacy import CaseSubject, DataSubjectCaseOpened
from shared.registry_handlers import REGISTRY_HANDLERS
from shared.settling import settling_handlers
from shared.vocabulary import Service


async def on_vacancy_changed(handling: Handling, event: VacancyChanged) -> None:
    await hear_vacancy(handling.session, event, occurred_at=handling.occurred_at)


async def on_opening_reserved(handling: Handling, event: OpeningReserved) -> None:
    await make_offer(handling.session, event, occurred_at=handling.occurred_at)


async def on_opening_refused(handling: Handling, event: OpeningRefused) -> None:
    await note_refused_opening(handling.session, event, occurred_at=handling.occurred_at)


async def on_data_subject_case_opened(handling: Handling, event: DataSubjectCaseOpened) -> None:
    subject = handling.sealed
    if not isinstance(subject, CaseSubject):
        raise TypeError(f"{event.name} comes with the address of the person")
    await privacy.answer(handling.session, event, subject, now=handling.now)


HANDLERS: Mapping[type[Event], Handler] = MappingProxyType(
    {
        **REGISTRY_HANDLERS,
        VacancyChanged: on_vacancy_changed,
        OpeningReserved: on_opening_reserved,
        OpeningRefused: on_opening_refused,
        DataSubjectCaseOpened: on_data_subject_case_opened,
        **settling_handlers(Service.CLEARING),
    }
)
