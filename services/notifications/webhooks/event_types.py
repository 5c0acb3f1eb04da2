"""Which of our facts is told to systems outside, under which name, with which members, and who may be told it.

The whole list is `EVENT_TYPES`. A message is thin: what happened to which ids, and where to read the rest with the
receiver's own scope. No name, address, free text, pay of a person or reference of a person is ever in one. A referral
goes to the home and to the gaining council, and names the person to neither. What has no scope is public.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared.addresses import public_url
from shared.events.adverts import AdvertChanged, AdvertEnded, AdvertListed
from shared.events.applications import (
    ApplicationClosed,
    ApplicationReceived,
    ApplicationRejected,
    ApplicationRejectionUndone,
    ApplicationShortlisted,
    ApplicationWithdrawn,
    CandidateCleared,
    CandidateHired,
    OfferLapsed,
    OfferMade,
    OfferWithdrawn,
)
from shared.events.ats import ApprovalDecided
from shared.events.base import Event
from shared.events.clearing import (
    DutyOpened,
    PlacementConfirmed,
    RedeploymentAccepted,
    RedeploymentOffered,
    RedeploymentOfferEnded,
    ReferralOutcomeRecorded,
    Referred,
    TrialEnded,
    TrialStarted,
    VacancyReleased,
    WindowOpened,
)
from shared.events.interviews import InterviewInvited
from shared.events.reserve_lists import ReserveListed, ReserveListingUndone
from shared.vocabulary import Scope, Service

Links = tuple[tuple[str, Service, str], ...]

JOB: Links = (("job", Service.ATS, "/v1/jobs/{vacancy_id}"),)
VACANCY: Links = (("vacancy", Service.ATS, "/v1/vacancies/{vacancy_id}"),)
APPLICATION: Links = (("application", Service.ATS, "/v1/applications/{application_id}"),)
REFERRAL: Links = (("referral", Service.CLEARING, "/v1/referrals/{referral_id}"),)


def all_concerned(event: Event) -> frozenset[UUID]:
    return event.readers


def who_knows_of_the_referral(event: ReferralOutcomeRecorded) -> frozenset[UUID]:
    """What ended before the home council referred anybody, the gaining council never hears of."""
    return event.readers if event.was_referred else frozenset({event.home_employer_id})


@dataclass(frozen=True)
class EventType:
    """One public name. `scope` is what a receiver must be allowed to read; None: anyone may be told."""

    name: str
    title: str
    event: type[Event]
    scope: Scope | None
    members: tuple[str, ...]
    links: Links = ()
    concerns: Callable[[Any], frozenset[UUID]] = field(default=all_concerned)

    @property
    def is_public(self) -> bool:
        return self.scope is None

    @cached_property
    def data(self) -> type[BaseModel]:
        """The shape of `data`, from the event's own fields."""
        of_event = self.event.model_fields
        members: dict[str, Any] = {name: (of_event[name].annotation, Field()) for name in self.members}
        links: dict[str, Any] = {name: (str, Field()) for name, _, _ in self.links}
        words = "".join(part.capitalize() for part in re.split(r"[._]", self.name))
        if links:
            members["links"] = (create_model(f"{words}Links", **links), Field())
        return create_model(f"{words}Data", __config__=ConfigDict(frozen=True), **members)

    def data_of(self, event: Event) -> dict[str, Any]:
        told = event.model_dump(mode="json", include=set(self.members))
        found: dict[str, Any] = {name: told[name] for name in self.members}
        if self.links:
            found["links"] = {name: public_url(service) + path.format(**told) for name, service, path in self.links}
        return found


def _job(name: str, title: str, event: type[Event], *more: str) -> EventType:
    return EventType(name, title, event, None, ("vacancy_id", "employer_id", "reference", *more), JOB)


def _vacancy(name: str, title: str, event: type[Event], *more: str, scope: Scope = Scope.VACANCIES_READ) -> EventType:
    return EventType(name, title, event, scope, ("vacancy_id", "employer_id", *more), VACANCY)


def _application(name: str, title: str, event: type[Event], *more: str) -> EventType:
    members = ("application_id", "vacancy_id", "employer_id", *more)
    return EventType(name, title, event, Scope.APPLICATIONS_READ, members, APPLICATION)


def _referral(
    name: str,
    title: str,
    event: type[Event],
    *more: str,
    concerns: Callable[[Any], frozenset[UUID]] = all_concerned,
) -> EventType:
    members = ("referral_id", "vacancy_id", "home_employer_id", "gaining_employer_id", *more)
    return EventType(name, title, event, Scope.CLEARING_READ, members, REFERRAL, concerns)


EVENT_TYPES: tuple[EventType, ...] = (
    # the public list of jobs, for boards
    _job("job.listed", "An advert can be found by anyone", AdvertListed, "title", "closes_at"),
    _job("job.changed", "A listed advert was changed", AdvertChanged, "title", "closes_at"),
    _job("job.ended", "An advert is listed no more", AdvertEnded, "ended_at"),
    # a vacancy's way to the public
    _vacancy("vacancy.approval_decided", "A vacancy was approved, or not", ApprovalDecided, "approval_id", "decision"),
    _vacancy(
        "vacancy.window_opened",
        "Displaced staff see a vacancy before anyone else",
        WindowOpened,
        *("window_id", "opened_at", "closes_at"),
    ),
    _vacancy(
        "vacancy.released", "A vacancy may be advertised", VacancyReleased, *("window_id", "released_at", "reason")
    ),
    _vacancy(
        "vacancy.duty_opened",
        "A statutory offer duty holds a vacancy back",
        DutyOpened,
        *("duty_id", "opened_at"),
        scope=Scope.CLEARING_READ,
    ),
    # an application's way to a hire
    _application("application.received", "Somebody applied", ApplicationReceived),
    _application("application.shortlisted", "An application was shortlisted", ApplicationShortlisted),
    _application("application.rejected", "A candidate is told that it is no", ApplicationRejected, "after_interview"),
    _application("application.rejection_undone", "A rejection was taken back", ApplicationRejectionUndone),
    _application("application.reserve_listed", "A candidate is told of the reserve list", ReserveListed, "until"),
    _application(
        "application.reserve_listing_undone", "A place on a reserve list was taken back", ReserveListingUndone
    ),
    _application("application.closed", "The vacancy ended before an answer", ApplicationClosed, "reason"),
    _application("application.withdrawn", "A candidate withdrew", ApplicationWithdrawn),
    _application("interview.invited", "A candidate was asked to an interview", InterviewInvited, "starts_at"),
    _application("offer.made", "An offer went out", OfferMade, "offer_id", "reply_by"),
    _application("offer.lapsed", "Nobody answered an offer in time", OfferLapsed, "offer_id"),
    _application("offer.withdrawn", "An offer was withdrawn", OfferWithdrawn, "offer_id"),
    _application("candidate.cleared", "Every check is done", CandidateCleared, "starts_on"),
    _application("candidate.hired", "Somebody was hired", CandidateHired, "opening_no", "route", "starts_on"),
    # a referral, for its home and its gaining council
    _referral("referral.made", "A displaced employee was referred", Referred, "referred_at"),
    _referral(
        "referral.outcome_recorded",
        "A referral went on, or ended",
        ReferralOutcomeRecorded,
        *("outcome", "decided_at"),
        concerns=who_knows_of_the_referral,
    ),
    _referral(
        "redeployment.offered", "A displaced employee has an offer", RedeploymentOffered, "reply_by", "offered_at"
    ),
    _referral(
        "redeployment.offer_ended",
        "An offer to a displaced employee came to nothing",
        RedeploymentOfferEnded,
        *("ending", "ended_at"),
    ),
    _referral(
        "redeployment.accepted",
        "A displaced employee took an offer",
        RedeploymentAccepted,
        *("starts_on", "accepted_at"),
    ),
    _referral("trial.started", "A trial began", TrialStarted, "trial_id", "starts_on", "ends_on"),
    _referral("trial.ended", "A trial ended early", TrialEnded, "trial_id", "ended_on", "ended_by"),
    _referral("placement.confirmed", "A redeployment stands", PlacementConfirmed, "starts_on", "confirmed_at"),
)

BY_NAME: Mapping[str, EventType] = MappingProxyType({each.name: each for each in EVENT_TYPES})
BY_EVENT: Mapping[type[Event], EventType] = MappingProxyType({each.event: each for each in EVENT_TYPES})
