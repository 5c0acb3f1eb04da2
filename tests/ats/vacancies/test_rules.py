"""Lifecycle, clearance and openings as pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.ats.vacancies import openings, rules
from services.ats.vacancies.actions import LABELS, MOVES, VacancyAction
from services.ats.vacancies.pay_rules import pay_range
from services.ats.vacancies.permitted import allowed_actions
from services.ats.vacancies.states import OpeningState
from shared.principals import Principal, PrincipalKind
from shared.vocabulary import HiringRoute, Role, Scope, VacancyState
from tests.factories.ats import NOW, SAW, cleared_vacancy, make_vacancy
from tests.factories.identity import grant

LATER = NOW + timedelta(days=1)
PERSON = grant(Role.APPROVER, "SAW")


@pytest.mark.parametrize("action", list(VacancyAction))
@pytest.mark.parametrize("state", list(VacancyState))
def test_a_move_that_the_table_does_not_list_is_refused(state: VacancyState, action: VacancyAction) -> None:
    vacancy = make_vacancy(state=state)
    if state in MOVES[action].from_states:
        rules.refuse_illegal(vacancy, action)
        return
    with pytest.raises(rules.IllegalMove) as refused:
        rules.refuse_illegal(vacancy, action)
    assert refused.value.extra["state"] == state


def test_every_state_has_a_label() -> None:
    assert set(LABELS) == set(VacancyState)


def test_out_of_clearing_no_command_leads_towards_the_public() -> None:
    targets = {
        action: move.to_states - {VacancyState.IN_CLEARING}
        for action, move in MOVES.items()
        if VacancyState.IN_CLEARING in move.from_states
    }
    public = {VacancyState.LIVE, VacancyState.INTERNAL_ADVERT}
    assert all(not reached & public for reached in targets.values())


def test_r21_a_material_change_in_clearing_revokes_the_clearance_and_voids_the_approval() -> None:
    vacancy = cleared_vacancy(state=VacancyState.IN_CLEARING, entered_clearing_at=NOW)
    assert rules.is_cleared(vacancy)
    vacancy.salary_max_pence += 100
    rules.note_change(vacancy, {"salary_max_pence"}, LATER, is_material=True)
    assert (vacancy.state, vacancy.content_version) == (VacancyState.IN_CLEARING, 2)
    assert vacancy.content_changed_at == LATER
    assert not rules.is_cleared(vacancy)
    assert not rules.is_approved(vacancy)


@pytest.mark.parametrize("field", ["closes_at", "advert_days", "hiring_manager_id", "is_auto_published"])
def test_r21_an_edit_of_the_administration_restarts_nothing(field: str) -> None:
    vacancy = cleared_vacancy(state=VacancyState.IN_CLEARING, entered_clearing_at=NOW)
    rules.note_change(vacancy, {field}, LATER, is_material=True)
    assert vacancy.content_version == 1
    assert rules.is_cleared(vacancy)
    assert rules.is_approved(vacancy)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Senior housing officer"),
        ("description", "Another post altogether"),
        ("desirable", [{"skill_id": "case_recording", "level": 2, "weight": 1}]),
        ("working_pattern", "shifts"),
        ("office_days_per_week", 5),
        ("starts_on", date(2027, 3, 1)),
        ("apply_url", "https://elsewhere.example/1"),
        ("family", "finance"),
        ("soc2020", "3229"),
        ("contract_months", 6),
    ],
)
def test_a_change_of_what_is_advertised_voids_the_approval_but_not_the_clearance(field: str, value: Any) -> None:
    vacancy = cleared_vacancy(entered_clearing_at=NOW)
    setattr(vacancy, field, value)
    rules.note_change(vacancy, {field}, LATER, is_material=False)
    assert vacancy.state is VacancyState.DRAFT
    assert not rules.is_approved(vacancy)
    assert rules.is_cleared(vacancy)
    rules.approve(vacancy, LATER, now=LATER)
    assert vacancy.state is VacancyState.APPROVED


def test_what_is_put_back_as_it_was_approved_is_approved() -> None:
    vacancy = cleared_vacancy(state=VacancyState.IN_CLEARING, hours_per_week=Decimal("37.00"))
    for title in ("Another title", "Housing officer"):
        vacancy.title, vacancy.hours_per_week = title, Decimal(37)
        rules.note_change(vacancy, {"title"}, LATER, is_material=False)
    assert rules.is_approved(vacancy)


def test_a_change_while_approval_is_pending_voids_the_request() -> None:
    vacancy = make_vacancy(state=VacancyState.APPROVAL_PENDING, pending_approval_id=SAW)
    vacancy.title = "Something else"
    rules.note_change(vacancy, {"title"}, LATER, is_material=False)
    assert (vacancy.state, vacancy.pending_approval_id) == (VacancyState.DRAFT, None)


def test_a_material_change_of_a_draft_that_never_was_in_clearing_raises_no_version() -> None:
    vacancy = make_vacancy()
    rules.note_change(vacancy, {"essential"}, LATER, is_material=True)
    assert vacancy.content_version == 1


def test_approval_leads_to_clearing_at_once() -> None:
    vacancy = make_vacancy(state=VacancyState.APPROVAL_PENDING)
    rules.approve(vacancy, NOW, now=LATER)
    assert (vacancy.state, vacancy.approved_at, vacancy.entered_clearing_at) == (VacancyState.IN_CLEARING, NOW, LATER)


def test_absence_of_a_release_means_closed() -> None:
    vacancy = make_vacancy(state=VacancyState.APPROVED)
    vacancy.approved_hash = vacancy.content_hash
    with pytest.raises(rules.ClearanceMissing):
        rules.publish(vacancy, NOW, now=NOW)
    assert vacancy.state is VacancyState.APPROVED


def test_a_release_of_an_older_content_is_no_clearance() -> None:
    vacancy = cleared_vacancy(content_version=2)
    with pytest.raises(rules.ClearanceMissing):
        rules.publish(vacancy, NOW, now=NOW)


def test_r12_a_duty_after_the_release_revokes_it_and_a_later_release_restores_it() -> None:
    vacancy = cleared_vacancy(duty_opened_at=LATER)
    assert not rules.is_cleared(vacancy)
    vacancy.released_at = LATER + timedelta(hours=1)
    assert rules.is_cleared(vacancy)


def test_publication_needs_an_approval_of_this_content() -> None:
    vacancy = cleared_vacancy()
    vacancy.approved_hash = "another content"
    with pytest.raises(rules.ApprovalMissing):
        rules.publish(vacancy, NOW, now=NOW)


def test_without_a_deadline_the_advert_ends_a_fortnight_later_at_the_end_of_the_london_day() -> None:
    vacancy = cleared_vacancy()
    rules.publish(vacancy, datetime(2026, 3, 20, 7, tzinfo=UTC), now=datetime(2026, 3, 20, 7, tzinfo=UTC))
    # 3 April is in summer time: 23:59:59 in London is 22:59:59 UTC.
    assert vacancy.closes_at == datetime(2026, 4, 3, 22, 59, 59, tzinfo=UTC)


def test_an_advert_cannot_be_published_after_its_deadline() -> None:
    vacancy = cleared_vacancy(closes_at=NOW)
    with pytest.raises(rules.DeadlinePassed):
        rules.publish(vacancy, NOW, now=NOW)
    assert not rules.may_publish_itself(vacancy, NOW, now=NOW)


def test_the_first_publication_is_kept_when_the_vacancy_is_advertised_again() -> None:
    vacancy = cleared_vacancy()
    rules.publish(vacancy, NOW, now=NOW)
    rules.close(vacancy, LATER)
    rules.readvertise(vacancy, LATER)
    assert vacancy.state is VacancyState.IN_CLEARING
    assert not rules.is_cleared(vacancy)
    vacancy.released_content_version, vacancy.released_at = vacancy.content_version, LATER
    rules.release(vacancy)
    rules.publish(vacancy, LATER, now=LATER)
    assert (vacancy.first_published_at, vacancy.published_at, vacancy.adverts_count) == (NOW, LATER, 2)


def test_a_release_of_unapproved_content_leads_back_to_its_approval() -> None:
    vacancy = cleared_vacancy(state=VacancyState.IN_CLEARING)
    vacancy.approved_hash = None
    rules.release(vacancy)
    assert vacancy.state is VacancyState.DRAFT


def test_a_live_vacancy_held_past_its_deadline_comes_back_closed() -> None:
    vacancy = cleared_vacancy(state=VacancyState.ON_HOLD, held_from=VacancyState.LIVE, closes_at=NOW)
    rules.resume(vacancy, LATER)
    assert (vacancy.state, vacancy.closed_at) == (VacancyState.CLOSED, NOW)


def test_a_vacancy_held_in_clearing_comes_back_into_clearing() -> None:
    vacancy = make_vacancy(state=VacancyState.ON_HOLD, held_from=VacancyState.IN_CLEARING)
    rules.resume(vacancy, LATER)
    assert vacancy.state is VacancyState.IN_CLEARING


def test_pay_comes_from_the_spine_of_the_pay_year_when_no_pounds_are_given() -> None:
    pay = pay_range(scp=(20, 24), pence=None, on=date(2026, 11, 16))
    assert (pay.min_pence, pay.max_pence, pay.effective_from) == (3_367_300, 3_658_100, date(2026, 4, 1))


def test_given_pounds_win_over_the_points_beside_them() -> None:
    pay = pay_range(scp=(20, 24), pence=(3_367_500, 3_658_300), on=date(2026, 11, 16))
    assert (pay.min_pence, pay.max_pence) == (3_367_500, 3_658_300)


def test_the_last_opening_filled_fills_the_vacancy_and_an_earlier_one_part_of_it() -> None:
    vacancy = make_vacancy(openings=2, state=VacancyState.CLOSED)
    openings.fill_opening(vacancy, SAW, route=HiringRoute.EXTERNAL, starts_on=NOW.date())
    assert vacancy.state is VacancyState.PARTIALLY_FILLED
    openings.fill_opening(vacancy, uuid4(), route=HiringRoute.EXTERNAL, starts_on=NOW.date())
    assert vacancy.state is VacancyState.FILLED


def test_a_vacancy_whose_other_openings_were_cancelled_is_filled_by_the_one_left() -> None:
    vacancy = make_vacancy(openings=2, state=VacancyState.CLOSED)
    vacancy.openings[1].state = OpeningState.CANCELLED
    openings.fill_opening(vacancy, SAW, route=HiringRoute.EXTERNAL, starts_on=NOW.date())
    assert vacancy.state is VacancyState.FILLED


def test_one_filled_from_clearing_leaves_the_rest_in_clearing() -> None:
    vacancy = make_vacancy(openings=2, state=VacancyState.IN_CLEARING)
    openings.fill_opening(vacancy, SAW, route=HiringRoute.REDEPLOYMENT, starts_on=NOW.date())
    assert vacancy.state is VacancyState.IN_CLEARING


def test_a_filled_opening_is_never_returned() -> None:
    vacancy = make_vacancy()
    openings.fill_opening(vacancy, SAW, route=HiringRoute.EXTERNAL, starts_on=NOW.date())
    assert openings.return_opening(vacancy, SAW) is None
    assert vacancy.openings[0].state is OpeningState.FILLED


def test_the_requester_is_not_offered_the_approval() -> None:
    vacancy = make_vacancy(state=VacancyState.APPROVAL_PENDING, pending_approval_id=SAW, requested_by=SAW)
    other = Principal.of_staff(uuid4(), [PERSON])
    requester = Principal.of_staff(SAW, [PERSON])
    assert VacancyAction.APPROVE not in allowed_actions(vacancy, requester)
    vacancy.requested_by = None
    assert VacancyAction.APPROVE in allowed_actions(vacancy, other)


def test_a_role_at_another_employer_allows_nothing_here() -> None:
    vacancy = make_vacancy()
    recruiter = grant(Role.RECRUITER, "DUD")
    assert allowed_actions(vacancy, Principal.of_staff(SAW, [recruiter])) == []


def test_a_client_is_offered_what_its_scopes_allow() -> None:
    vacancy = make_vacancy()
    reader = Principal(PrincipalKind.CLIENT, scopes=frozenset({Scope.VACANCIES_READ}))
    attester = Principal(PrincipalKind.CLIENT, scopes=frozenset({Scope.VACANCIES_ATTEST}))
    assert allowed_actions(vacancy, reader) == []
    assert allowed_actions(vacancy, attester) == [VacancyAction.ATTEST_APPROVAL]
