"""What this service does when it hears from the others: one call into a command each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.ats.applications import referrals
from services.ats.privacy import commands as privacy
from services.ats.vacancies import clearance, reservations
from shared.consumer import Handler, Handling
from shared.events.base import Event
from shared.events.clearing import (
    DutyOpened,
    OpeningRequested,
    OpeningReturned,
    PlacementConfirmed,
    RedeploymentAccepted,
    RedeploymentOffered,
    ReferralOutcomeRecorded,
    Referred,
    ReferredProfile,
    TrialEnded,
    TrialStarted,
    VacancyReleased,
    WindowOpened,
)
from shared.events.privacy import CaseRecords, ClearingCaseAnswered, NotificationsCaseAnswered
from shared.settling import settling_handlers
from shared.vocabulary import Service


async def on_window_opened(handling: Handling, event: WindowOpened) -> None:
    await clearance.note_window(handling.session, event, now=handling.now)


async def on_vacancy_released(handling: Handling, event: VacancyReleased) -> None:
    await clearance.note_release(handling.session, event, now=handling.now)


async def on_duty_opened(handling: Handling, event: DutyOpened) -> None:
    await clearance.note_duty(handling.session, event, now=handling.now)


async def on_referred(handling: Handling, event: Referred) -> None:
    profile = handling.sealed
    if not isinstance(profile, ReferredProfile):
        raise TypeError("a referral comes with the person's profile")
    await referrals.receive_referral(handling.session, event, profile, now=handling.now)


async def on_referral_outcome_recorded(handling: Handling, event: ReferralOutcomeRecorded) -> None:
    await referrals.note_outcome(handling.session, event)


async def on_opening_requested(handling: Handling, event: OpeningRequested) -> None:
    await reservations.answer_request(handling.session, event, now=handling.now)


async def on_opening_returned(handling: Handling, event: OpeningReturned) -> None:
    await referrals.note_return(handling.session, event, occurred_at=handling.occurred_at, now=handling.now)


async def on_redeployment_offered(handling: Handling, event: RedeploymentOffered) -> None:
    await referrals.note_offer(handling.session, event)


async def on_redeployment_accepted(handling: Handling, event: RedeploymentAccepted) -> None:
    await referrals.note_acceptance(handling.session, event, now=handling.now)


async def on_trial_started(handling: Handling, event: TrialStarted) -> None:
    await referrals.note_trial(handling.session, event)


async def on_trial_ended(handling: Handling, event: TrialEnded) -> None:
    await referrals.note_trial_end(handling.session, event)


async def on_placement_confirmed(handling: Handling, event: PlacementConfirmed) -> None:
    await referrals.note_placement(handling.session, event, now=handling.now)


async def on_case_answered(handling: Handling, event: ClearingCaseAnswered | NotificationsCaseAnswered) -> None:
    records = handling.sealed
    if not isinstance(records, CaseRecords):
        raise TypeError(f"{event.name} comes with the records of the person")
    service = Service.CLEARING if isinstance(event, ClearingCaseAnswered) else Service.NOTIFICATIONS
    await privacy.note_answer(handling.session, service, event, records, now=handling.now)


HANDLERS: Mapping[type[Event], Handler] = MappingProxyType(
    {
        WindowOpened: on_window_opened,
        VacancyReleased: on_vacancy_released,
        DutyOpened: on_duty_opened,
        Referred: on_referred,
        ReferralOutcomeRecorded: on_referral_outcome_recorded,
        OpeningRequested: on_opening_requested,
        OpeningReturned: on_opening_returned,
        RedeploymentOffered: on_redeployment_offered,
        RedeploymentAccepted: on_redeployment_accepted,
        TrialStarted: on_trial_started,
        TrialEnded: on_trial_ended,
        PlacementConfirmed: on_placement_confirmed,
        ClearingCaseAnswered: on_case_answered,
        NotificationsCaseAnswered: on_case_answered,
        **settling_handlers(Service.ATS),
    }
)
