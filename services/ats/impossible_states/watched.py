"""The states as data. What a rule finds was made behind the rules, or shows that one of them is wrong."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from services.ats.applications.models import Application
from services.ats.applications.queries import is_shown
from services.ats.applications.states import IN_PLAY, ApplicationSource, Stage
from services.ats.impossible_states.models import FINDS, RUNS
from services.ats.offers.models import Offer, OfferState
from services.ats.persons.queries import are_one_person
from services.ats.vacancies.models import Opening, Vacancy
from services.ats.vacancies.states import OpeningState
from shared.impossible_states import Detector, ImpossibleState
from shared.vocabulary import Management, VacancyState

OTHER = aliased(Application)
ORDINARY = Application.source != ApplicationSource.CLEARING
HOLDS_OFFER = (OfferState.MADE, OfferState.ACCEPTED)
# Two addresses that somebody found to be one person's. Of a candidate who is hidden nobody learns it by this.
MERGED = and_(
    are_one_person(Application.employer_id, Application.person_key, OTHER.person_key), is_shown(), is_shown(OTHER)
)


def applications(*where: Any) -> Select[Any, Any]:
    return select(Application.employer_id, Application.id.label("subject_id")).where(*where).order_by(Application.id)


def vacancies(*where: Any) -> Select[Any, Any]:
    return select(Vacancy.employer_id, Vacancy.id.label("subject_id")).where(*where).order_by(Vacancy.id)


WATCHED: tuple[ImpossibleState, ...] = (
    ImpossibleState(
        "two_live_applications",
        "application",
        "One person has two live applications for the same vacancy.",
        "Withdraw the later one after a look at both.",
        applications(
            ORDINARY,
            Application.stage.in_(IN_PLAY),
            exists().where(
                OTHER.vacancy_id == Application.vacancy_id,
                or_(OTHER.person_key == Application.person_key, MERGED),
                OTHER.stage.in_(IN_PLAY),
                OTHER.source != ApplicationSource.CLEARING,
                OTHER.id < Application.id,
            ),
        ),
    ),
    ImpossibleState(
        "hired_without_accepted_offer",
        "application",
        "Somebody is hired who has accepted no offer.",
        "Find out what they were offered, and take the hire back or record the offer.",
        applications(
            ORDINARY,
            Application.stage == Stage.HIRED,
            ~exists().where(Offer.application_id == Application.id, Offer.state == OfferState.ACCEPTED),
        ),
    ),
    ImpossibleState(
        "filled_without_a_hire",
        "vacancy",
        "A vacancy is filled, but none of its openings is.",
        "Record who took the opening, or open the vacancy again.",
        vacancies(
            Vacancy.state == VacancyState.FILLED,
            ~exists().where(Opening.vacancy_id == Vacancy.id, Opening.state == OpeningState.FILLED),
        ),
    ),
    ImpossibleState(
        "offer_without_an_opening",
        "offer",
        "An offer stands, but no opening is held for it.",
        "Withdraw the offer, or free an opening for it.",
        select(Offer.employer_id, Offer.id.label("subject_id"))
        .where(
            Offer.state.in_(HOLDS_OFFER),
            exists().where(Application.id == Offer.application_id, Application.stage.in_(IN_PLAY)),
            ~exists().where(Opening.vacancy_id == Offer.vacancy_id, Opening.taken_for == Offer.application_id),
        )
        .order_by(Offer.id),
    ),
    ImpossibleState(
        "opening_filled_without_a_hire",
        "application",
        "An opening is filled by somebody who is not hired.",
        "Record the hire, or free the opening.",
        applications(
            ORDINARY,
            Application.stage != Stage.HIRED,
            exists().where(Opening.taken_for == Application.id, Opening.state == OpeningState.FILLED),
        ),
    ),
    ImpossibleState(
        "more_openings_taken_than_sought",
        "vacancy",
        "More openings of a vacancy are taken than were approved.",
        "Compare the hires with the approval, and cancel what is too many.",
        vacancies(
            Vacancy.openings_count
            < select(func.count())
            .where(
                Opening.vacancy_id == Vacancy.id,
                Opening.state.in_((OpeningState.RESERVED, OpeningState.ACCEPTED, OpeningState.FILLED)),
            )
            .scalar_subquery()
        ),
    ),
    ImpossibleState(
        "live_without_clearance",
        "vacancy",
        "An advert is live that clearing has never released.",
        "Take it down at once: displaced staff may not have had their first refusal.",
        vacancies(
            Vacancy.state == VacancyState.LIVE,
            Vacancy.management == Management.HOSTED,
            Vacancy.released_at.is_(None),
        ),
    ),
)
DETECTOR = Detector(WATCHED, FINDS, RUNS)
