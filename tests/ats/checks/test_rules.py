"""Which checks a candidate needs, what passes one and what still stands in the way, as pure rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.ats.checks import rules
from services.ats.checks.models import PreEmploymentCheck
from services.ats.checks.policy import NEVER_WAIVED, REGION_DEFAULT, CheckRule
from services.ats.checks.rules import Person, Post, Shown, required_checks
from services.ats.checks.states import (
    LABELS,
    METHOD_LABELS,
    METHODS,
    OUTCOME_LABELS,
    STEP_LABELS,
    CheckKind,
    CheckMethod,
    CheckOutcome,
    CheckStep,
    Engagement,
    WaiverState,
)
from services.ats.vacancies.states import DbsLevel
from shared.vocabulary import ContractKind, HiringRoute
from tests.factories.ats import SAW, make_vacancy

TODAY = date(2026, 11, 16)
CARE = {
    "dbs_level": "enhanced",
    "barred_lists": ["adults"],
    "regulated_registration": "Social Work England",
    "requires_driving": True,
}
K = CheckKind


def needed(flags: dict[str, Any], engagement: Engagement, *, has_lived_abroad: bool = False) -> set[CheckKind]:
    post = Post.of(make_vacancy(flags=flags))
    return {each.kind for each in required_checks(REGION_DEFAULT, post, Person(engagement, has_lived_abroad))}


def make_check(kind: CheckKind = K.RIGHT_TO_WORK, **changes: Any) -> PreEmploymentCheck:
    values: dict[str, Any] = {
        "employer_id": SAW,
        "vacancy_id": uuid4(),
        "application_id": uuid4(),
        "kind": kind,
        "required_by": ["a_rule"],
        "asks": {},
        "may_waive": True,
    }
    return PreEmploymentCheck(**(values | changes))


def shown(**changes: Any) -> Shown:
    values: dict[str, Any] = {
        "method": CheckMethod.MANUAL,
        "evidence_reference": "EDRMS-4471",
        "checked_on": TODAY,
        "copied_on": TODAY,
        "is_time_limited": False,
    }
    return Shown(**(values | changes))


@pytest.mark.parametrize(
    ("engagement", "expected"),
    [
        (Engagement.EXTERNAL, {K.IDENTITY, K.RIGHT_TO_WORK, K.OCCUPATIONAL_HEALTH, K.REFERENCES}),
        (Engagement.TEMPORARY, {K.IDENTITY, K.RIGHT_TO_WORK, K.OCCUPATIONAL_HEALTH, K.REFERENCES}),
        (Engagement.AGENCY, {K.IDENTITY, K.RIGHT_TO_WORK, K.REFERENCES}),
        (Engagement.INTERNAL, set()),
    ],
)
def test_an_office_post_asks_for_what_everybody_new_shows(engagement: Engagement, expected: set[CheckKind]) -> None:
    assert needed({}, engagement) == expected


def test_a_safeguarding_post_asks_a_colleague_for_references_too() -> None:
    assert needed(CARE, Engagement.INTERNAL) == {K.DBS, K.BARRED_LIST, K.REGISTRATION, K.DRIVING, K.REFERENCES}


def test_who_lived_abroad_shows_a_record_from_there() -> None:
    assert K.OVERSEAS in needed({}, Engagement.EXTERNAL, has_lived_abroad=True)
    assert K.OVERSEAS not in needed({}, Engagement.EXTERNAL)


def test_an_essential_qualification_is_checked() -> None:
    essential = [{"criterion_id": "E1", "kind": "qualification", "text": "A degree"}]
    post = Post.of(make_vacancy(essential=essential))
    found = required_checks(REGION_DEFAULT, post, Person(Engagement.INTERNAL, has_lived_abroad=False))
    assert [each.kind for each in found] == [K.QUALIFICATIONS]


def test_a_check_that_two_rules_ask_for_is_one_and_waived_only_where_both_let_it() -> None:
    post = Post.of(make_vacancy(flags=CARE))
    found = {each.kind: each for each in required_checks(REGION_DEFAULT, post, Person(Engagement.EXTERNAL, False))}
    references = found[K.REFERENCES]
    assert references.required_by == ("references_of_newcomers", "references_for_safeguarding")
    assert (references.may_waive, references.asks) == (False, {"years": 3})
    assert found[K.DBS].asks == {"level": "enhanced"}
    assert found[K.BARRED_LIST].asks == {"lists": ["adults"]}


@pytest.mark.parametrize("kind", sorted(NEVER_WAIVED))
def test_what_the_law_asks_is_never_waived_whatever_a_council_says(kind: CheckKind) -> None:
    assert not CheckRule("a_rule", kind, may_be_waived=True).may_waive


def test_a_rule_keeps_its_meaning_when_it_is_stored() -> None:
    narrow = CheckRule("short_term", K.DRIVING, contracts=frozenset({ContractKind.CASUAL.value}))
    for rule in (*REGION_DEFAULT.rules, narrow):
        assert CheckRule.of(rule.stored()) == rule


@pytest.mark.parametrize(
    ("route", "contract", "expected"),
    [
        (HiringRoute.EXTERNAL, ContractKind.PERMANENT, Engagement.EXTERNAL),
        (HiringRoute.EXTERNAL, ContractKind.TEMPORARY_POOL, Engagement.TEMPORARY),
        (HiringRoute.SLOT_IN, ContractKind.PERMANENT, Engagement.INTERNAL),
    ],
)
def test_how_somebody_comes_is_taken_from_their_way_and_the_contract(
    route: HiringRoute, contract: ContractKind, expected: Engagement
) -> None:
    assert rules.usual_engagement(route, contract) is expected


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"method": CheckMethod.UPDATE_SERVICE}, rules.MethodNotForCheck, "method"),
        ({"checked_on": TODAY + timedelta(days=1)}, rules.CheckedInTheFuture, "checked_on"),
        ({"copied_on": None}, rules.CheckIncomplete, "copied_on"),
        ({"is_time_limited": None}, rules.CheckIncomplete, "is_time_limited"),
        ({"is_time_limited": True}, rules.CheckIncomplete, "follow_up_on"),
        ({"follow_up_on": TODAY, "is_time_limited": True}, rules.CheckIncomplete, "follow_up_on"),
        ({"expires_on": TODAY}, rules.CheckIncomplete, "expires_on"),
        ({"evidence_reference": "W12 3AB-45C"}, rules.ShareCodeNotKept, "evidence_reference"),
        (
            {"method": CheckMethod.IDSP, "is_time_limited": True, "follow_up_on": TODAY + timedelta(days=90)},
            rules.MethodNotForCheck,
            "method",
        ),
    ],
)
def test_a_right_to_work_is_shown_by_a_known_method_a_dated_copy_and_a_follow_up(
    changes: dict[str, Any], refusal: type[Exception], field: str
) -> None:
    rules.refuse_unshown(make_check(), shown(), TODAY)
    with pytest.raises(refusal) as refused:
        rules.refuse_unshown(make_check(), shown(**changes), TODAY)
    assert getattr(refused.value, "field", None) == field


def test_a_certificate_below_the_posts_level_does_not_pass() -> None:
    check = make_check(K.DBS, asks={"level": "standard"})
    seen = {"method": CheckMethod.CERTIFICATE_SEEN}
    rules.refuse_unshown(check, shown(dbs_level=DbsLevel.ENHANCED, **seen), TODAY)
    for level in (None, DbsLevel.BASIC):
        with pytest.raises(rules.CheckTooLow):
            rules.refuse_unshown(check, shown(dbs_level=level, **seen), TODAY)


def test_every_list_that_is_asked_for_has_to_be_looked_at() -> None:
    check = make_check(K.BARRED_LIST, asks={"lists": ["adults", "children"]})
    seen = {"method": CheckMethod.WITH_CERTIFICATE}
    rules.refuse_unshown(check, shown(barred_lists=("children", "adults"), **seen), TODAY)
    with pytest.raises(rules.CheckTooLow, match="adults"):
        rules.refuse_unshown(check, shown(barred_lists=("children",), **seen), TODAY)


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({}, False),
        ({"is_required": False}, True),
        ({"outcome": CheckOutcome.FAILED}, False),
        ({"outcome": CheckOutcome.NOT_APPLICABLE}, True),
        ({"outcome": CheckOutcome.PASSED}, True),
        ({"outcome": CheckOutcome.PASSED, "expires_on": TODAY}, False),
        ({"outcome": CheckOutcome.PASSED, "expires_on": TODAY + timedelta(days=1)}, True),
        ({"outcome": CheckOutcome.PASSED, "follow_up_on": TODAY}, False),
        ({"waiver": WaiverState.ASKED, "waiver_ends_on": TODAY}, False),
        ({"waiver": WaiverState.REFUSED, "waiver_ends_on": TODAY}, False),
        ({"waiver": WaiverState.APPROVED, "waiver_ends_on": TODAY}, True),
        ({"waiver": WaiverState.APPROVED, "waiver_ends_on": TODAY - timedelta(days=1)}, False),
    ],
)
def test_a_check_is_settled_while_it_is_passed_or_validly_waived(changes: dict[str, Any], settled: bool) -> None:
    assert rules.is_settled(make_check(**changes), TODAY) is settled


def test_a_start_is_refused_by_the_names_of_what_is_missing() -> None:
    checks = [make_check(K.IDENTITY, outcome=CheckOutcome.PASSED), make_check(K.DBS)]
    with pytest.raises(rules.ChecksMissing) as refused:
        rules.refuse_unchecked(checks, [K.IDENTITY, K.DBS, K.OVERSEAS], TODAY)
    assert refused.value.extra["missing"] == ["dbs", "overseas"]
    rules.refuse_unchecked(checks[:1], [K.IDENTITY], TODAY)


def test_somebody_is_told_with_notice_and_again_on_the_day() -> None:
    ends = TODAY + timedelta(days=100)
    check = make_check(outcome=CheckOutcome.PASSED, follow_up_on=ends)
    first = rules.next_due(check, TODAY)
    assert first == ends - timedelta(days=28)
    assert rules.next_due(check, first) == ends
    assert rules.next_due(check, ends) is None


def test_a_waivers_end_is_noticed_on_the_day_after() -> None:
    check = make_check(waiver=WaiverState.APPROVED, waiver_ends_on=TODAY)
    assert rules.next_due(check, TODAY) == TODAY + timedelta(days=1)


def test_every_word_of_the_checks_has_a_label() -> None:
    assert set(LABELS) == set(METHODS) == set(CheckKind)
    assert set(METHOD_LABELS) == set().union(*METHODS.values()) == set(CheckMethod)
    assert (set(OUTCOME_LABELS), set(STEP_LABELS)) == (set(CheckOutcome), set(CheckStep))
