"""Stages of an application, and following a referral, as pure rules."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.ats.applications import rules
from services.ats.applications.presenting import is_hidden
from services.ats.applications.states import LABELS, MOVES, ApplicationAction, ApplicationSource, Stage
from services.ats.vacancies.rules import ClearanceMissing
from shared.vocabulary import Management, VacancyState
from tests.factories.ats import NOW, cleared_vacancy, make_application, make_vacancy

LATER = NOW + timedelta(hours=1)
VACANCY = make_vacancy()


@pytest.mark.parametrize("action", list(MOVES))
@pytest.mark.parametrize("stage", list(Stage))
def test_only_the_moves_of_the_table_are_made(stage: Stage, action: ApplicationAction) -> None:
    application = make_application(VACANCY, stage=stage)
    if stage in MOVES[action]:
        rules.move(application, action, LATER)
        assert application.stage is MOVES[action][stage]
        assert application.version == 2
        return
    with pytest.raises(rules.StageNotReachable):
        rules.move(application, action, LATER)
    assert (application.stage, application.version) == (stage, 1)


def test_what_is_over_stays_over() -> None:
    ends = {Stage.HIRED, Stage.REJECTED, Stage.DECLINED, Stage.WITHDRAWN}
    assert not [action for action, moves in MOVES.items() if ends & set(moves)]


def test_every_stage_has_a_label() -> None:
    assert set(LABELS) == set(Stage)


@pytest.mark.parametrize("action", list(MOVES))
def test_a_referred_redeployee_is_decided_in_clearing(action: ApplicationAction) -> None:
    application = make_application(VACANCY, source=ApplicationSource.CLEARING)
    with pytest.raises(rules.DecidedInClearing):
        rules.move(application, action, LATER)


def test_the_closing_instant_is_too_late_and_the_second_before_is_not() -> None:
    rules.refuse_late(NOW, NOW - timedelta(seconds=1))
    with pytest.raises(rules.JobClosed):
        rules.refuse_late(NOW, NOW)
    with pytest.raises(rules.JobClosed):
        rules.refuse_late(None, NOW)


@pytest.mark.parametrize("state", sorted(set(VacancyState) - rules.SELECTING))
def test_nobody_is_shortlisted_for_a_vacancy_that_is_not_advertised(state: VacancyState) -> None:
    with pytest.raises(rules.IllegalMove):
        rules.refuse_sifting(cleared_vacancy(state=state))


@pytest.mark.parametrize("state", ["live", "closed", "partially_filled"])
def test_people_are_chosen_while_the_advert_is_out_and_after_it(state: str) -> None:
    rules.refuse_sifting(cleared_vacancy(state=VacancyState(state)))


def test_nobody_applies_here_for_a_post_of_another_system() -> None:
    rules.refuse_elsewhere(make_vacancy())
    with pytest.raises(rules.ManagedElsewhere) as refused:
        rules.refuse_elsewhere(make_vacancy(management=Management.EXTERNAL, apply_url="https://x.example/1"))
    assert refused.value.extra["apply_url"] == "https://x.example/1"


def test_a_criterion_that_the_vacancy_does_not_have_is_named() -> None:
    essential = [{"criterion_id": "E1"}, {"criterion_id": "E2"}]
    rules.refuse_unknown_criteria(["E2"], essential, "answers")
    with pytest.raises(rules.CriterionUnknown, match="D1, E9") as refused:
        rules.refuse_unknown_criteria(["E9", "E1", "D1"], essential, "answers")
    assert (refused.value.field, refused.value.next_step) == ("answers", "The criteria are E1, E2.")
    with pytest.raises(rules.CriterionUnknown) as refused:
        rules.refuse_unknown_criteria(["E1"], [], "answers")
    assert refused.value.next_step == "The vacancy has none."


def test_an_offer_that_lapses_is_a_change_of_its_application() -> None:
    application = make_application(VACANCY, stage=Stage.OFFERED)
    rules.lapse_offer(application, LATER)
    assert (application.stage, application.stage_entered_at, application.version) == (Stage.OFFER_LAPSED, LATER, 2)


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        ("not_shortlisted", Stage.REJECTED),
        ("interview_offered", Stage.INTERVIEW),
        ("interviewed", Stage.INTERVIEW),
        ("not_appointed", Stage.REJECTED),
        ("withdrawn", Stage.WITHDRAWN),
        ("vacancy_closed", Stage.REJECTED),
        ("not_referred", Stage.WITHDRAWN),
    ],
)
def test_an_outcome_of_a_referral_is_a_stage_of_its_application(outcome: str, stage: Stage) -> None:
    assert rules.OUTCOME_STAGES[outcome] is stage


def test_a_vacancy_that_ended_says_why_nobody_else_hears_more() -> None:
    told = {"filled": "post_filled", "cancelled": "post_withdrawn", "unfilled": "no_appointment"}
    assert {state.value: reason for state, reason in rules.REASONS_OF_THE_END.items()} == told


@pytest.mark.parametrize("stage", ["rejected", "declined", "offer_lapsed", "offer_withdrawn", "withdrawn", "hired"])
def test_every_end_of_a_referral_wins_over_the_offer_of_the_same_instant(stage: str) -> None:
    application = make_application(VACANCY, source=ApplicationSource.CLEARING, stage=Stage.OFFERED)
    assert rules.mirror(application, Stage(stage), NOW)
    assert not rules.mirror(application, Stage.OFFERED, NOW)


def test_news_that_is_followed_is_a_change_and_the_same_news_again_is_none() -> None:
    application = make_application(VACANCY, source=ApplicationSource.CLEARING)
    assert rules.mirror(application, Stage.INTERVIEW, LATER)
    assert (application.stage_entered_at, application.version) == (LATER, 2)
    assert not rules.mirror(application, Stage.INTERVIEW, LATER)
    assert application.version == 2


def test_nobody_is_shortlisted_without_a_clearance() -> None:
    with pytest.raises(ClearanceMissing):
        rules.refuse_sifting(make_vacancy(state=VacancyState.LIVE))


def test_news_of_a_referral_in_any_order_ends_in_the_same_stage() -> None:
    news = [
        (Stage.INTERVIEW, NOW + timedelta(days=1)),
        (Stage.OFFERED, NOW + timedelta(days=2)),
        (Stage.ACCEPTED, NOW + timedelta(days=3)),
    ]
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)):
        application = make_application(VACANCY, source=ApplicationSource.CLEARING)
        for index in order:
            rules.mirror(application, *news[index])
        assert application.stage is Stage.ACCEPTED


def test_of_two_words_of_the_same_instant_the_later_step_wins() -> None:
    for order in ((Stage.OFFERED, Stage.ACCEPTED), (Stage.ACCEPTED, Stage.OFFERED)):
        application = make_application(VACANCY, source=ApplicationSource.CLEARING)
        for stage in order:
            rules.mirror(application, stage, LATER)
        assert application.stage is Stage.ACCEPTED


def test_a_placement_is_final() -> None:
    application = make_application(VACANCY, source=ApplicationSource.CLEARING, stage=Stage.HIRED)
    assert not rules.mirror(application, Stage.WITHDRAWN, LATER)


def test_who_a_candidate_is_stays_hidden_until_the_shortlist_and_for_good_when_never_on_it() -> None:
    assert is_hidden(make_application(VACANCY, stage=Stage.SUBMITTED))
    assert is_hidden(make_application(VACANCY, stage=Stage.REJECTED))
    assert not is_hidden(make_application(VACANCY, stage=Stage.SHORTLISTED))
    assert not is_hidden(make_application(VACANCY, stage=Stage.REJECTED, shortlist_told_at=NOW))
    assert not is_hidden(make_application(VACANCY, source=ApplicationSource.CLEARING))


def test_a_reference_tells_nobody_how_many_applied() -> None:
    made = {rules.new_reference() for _ in range(200)}
    assert len(made) == 200
    assert all(len(each) == 10 and each.startswith("A-") for each in made)
