"""The states as data. What a rule finds was made behind the rules, or shows that one of them is wrong."""

from __future__ import annotations

from sqlalchemy import exists, select

from services.clearing.impossible_states.models import FINDS, RUNS
from services.clearing.referrals.models import Offer
from services.clearing.referrals.states import OfferState
from services.clearing.registrations.models import Registration
from services.clearing.registrations.states import RegistrationState
from services.clearing.trials.models import Placement, Saving
from services.clearing.trials.states import TrialState
from services.clearing.vacancy_mirror.models import Vacancy, Window
from shared.impossible_states import Detector, ImpossibleState
from shared.vocabulary import VacancyState

PUBLISHED = (VacancyState.IN_CLEARING, VacancyState.LIVE)

WATCHED: tuple[ImpossibleState, ...] = (
    ImpossibleState(
        "vacancy_without_a_window",
        "vacancy",
        "A vacancy is in clearing or published, but never had a window.",
        "Ask for the vacancy to be sent again: displaced staff have not seen it.",
        select(Vacancy.employer_id, Vacancy.id.label("subject_id"))
        .where(Vacancy.state.in_(PUBLISHED), ~exists().where(Window.vacancy_id == Vacancy.id))
        .order_by(Vacancy.id),
    ),
    ImpossibleState(
        "on_trial_without_a_trial",
        "registration",
        "Somebody is on trial, but no trial of theirs runs.",
        "Look at how their last trial ended, and put the registration right.",
        select(Registration.home_employer_id.label("employer_id"), Registration.id.label("subject_id"))
        .where(
            Registration.state == RegistrationState.ON_TRIAL,
            ~exists().where(Placement.registration_id == Registration.id, Placement.state == TrialState.RUNNING),
        )
        .order_by(Registration.id),
    ),
    ImpossibleState(
        "placed_without_a_placement",
        "registration",
        "Somebody is placed, but no placement of theirs is confirmed.",
        "Find the post that they took, and confirm it or open the registration again.",
        select(Registration.home_employer_id.label("employer_id"), Registration.id.label("subject_id"))
        .where(
            Registration.state == RegistrationState.PLACED,
            ~exists().where(Placement.registration_id == Registration.id, Placement.state == TrialState.CONFIRMED),
        )
        .order_by(Registration.id),
    ),
    ImpossibleState(
        "saving_without_a_placement",
        "registration",
        "A saving is counted for a placement that is not confirmed.",
        "Take the saving out of reports until the placement is confirmed.",
        select(Saving.home_employer_id.label("employer_id"), Saving.registration_id.label("subject_id"))
        .where(~exists().where(Placement.id == Saving.placement_id, Placement.state == TrialState.CONFIRMED))
        .order_by(Saving.registration_id),
    ),
    ImpossibleState(
        "accepted_offer_without_a_placement",
        "offer",
        "A redeployment offer is accepted, but nothing came of it.",
        "Ask both councils where the person stands.",
        select(Offer.home_employer_id.label("employer_id"), Offer.id.label("subject_id"))
        .where(Offer.state == OfferState.ACCEPTED, ~exists().where(Placement.request_id == Offer.id))
        .order_by(Offer.id),
    ),
)
DETECTOR = Detector(WATCHED, FINDS, RUNS)
