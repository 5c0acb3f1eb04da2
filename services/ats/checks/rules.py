"""Which checks a candidate needs, what passes one, and what stands in the way of a start. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from services.ats.applications.models import Application
from services.ats.checks.models import PreEmploymentCheck
from services.ats.checks.policy import NOTICE_DAYS, Policy
from services.ats.checks.states import METHODS, CheckKind, CheckMethod, CheckOutcome, Engagement, PostTrait, WaiverState
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.states import DbsLevel
from shared.errors import DomainError, Invalid
from shared.vocabulary import ContractKind, CriterionKind, HiringRoute

SHARE_CODE = re.compile(r"[WRS][0-9A-Z]{8}")
KEEPS_NO_CODE = frozenset({CheckKind.IDENTITY, CheckKind.RIGHT_TO_WORK})
LEVELS = tuple(DbsLevel)


class ChecksMissing(DomainError):
    code = "checks_missing"
    title = "A check is neither passed nor waived"


class MethodNotForCheck(Invalid):
    code = "method_not_for_check"
    title = "The check is not passed by this method"


class CheckedInTheFuture(Invalid):
    code = "checked_in_the_future"
    title = "The day of a check cannot lie ahead"


class CheckIncomplete(Invalid):
    code = "check_incomplete"
    title = "Something that passes this check is missing"


class CheckTooLow(Invalid):
    code = "check_too_low"
    title = "What was seen is less than the post asks for"


class ShareCodeNotKept(Invalid):
    code = "share_code_not_kept"
    title = "A share code is used once and never kept"


class CheckNotWaivable(DomainError):
    code = "check_not_waivable"
    title = "This check can neither be waived nor called not applicable"


class WaiverNeedsAnother(DomainError):
    code = "waiver_needs_another"
    title = "A waiver is decided by somebody who neither asked for it nor did the check"


class WaiverEndsInThePast(Invalid):
    code = "waiver_ends_in_the_past"
    title = "The waiver would have ended already"


@dataclass(frozen=True, slots=True)
class Post:
    """A vacancy as far as checks go by it."""

    contract: ContractKind
    traits: frozenset[PostTrait]
    dbs_level: DbsLevel
    barred_lists: tuple[str, ...]
    registration: str | None

    @classmethod
    def of(cls, vacancy: Vacancy) -> Self:
        level = DbsLevel(vacancy.flags.get("dbs_level", DbsLevel.NONE))
        lists = tuple(sorted(vacancy.flags.get("barred_lists", ())))
        registration = vacancy.flags.get("regulated_registration")
        kinds = {each["kind"] for each in vacancy.essential}
        present = {
            PostTrait.DBS: level is not DbsLevel.NONE,
            PostTrait.BARRED_LISTS: bool(lists),
            PostTrait.SAFEGUARDING: level is DbsLevel.ENHANCED,
            PostTrait.REGISTRATION: bool(registration) or CriterionKind.REGISTRATION in kinds,
            PostTrait.QUALIFICATION: CriterionKind.QUALIFICATION in kinds,
            PostTrait.DRIVING: bool(vacancy.flags.get("requires_driving")),
        }
        traits = frozenset(trait for trait, is_so in present.items() if is_so)
        return cls(vacancy.contract, traits, level, lists, registration)


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate as far as checks go by them."""

    engagement: Engagement
    has_lived_abroad: bool


@dataclass(frozen=True, slots=True)
class Required:
    """One check that is asked for, by which rules, and how much of it."""

    kind: CheckKind
    required_by: tuple[str, ...]
    may_waive: bool
    asks: Mapping[str, Any]


def usual_engagement(route: HiringRoute, contract: ContractKind) -> Engagement:
    """What is taken to be so until somebody says otherwise."""
    if route is not HiringRoute.EXTERNAL:
        return Engagement.INTERNAL
    if contract in {ContractKind.CASUAL, ContractKind.TEMPORARY_POOL}:
        return Engagement.TEMPORARY
    return Engagement.EXTERNAL


def required_checks(policy: Policy, post: Post, person: Person) -> tuple[Required, ...]:
    """In the order of the kinds. A check that several rules ask for may be waived only where each of them lets it."""
    asked: dict[CheckKind, list[Any]] = {}
    for rule in policy.rules:
        if (
            person.engagement in rule.engagements
            and (rule.contracts is None or post.contract in rule.contracts)
            and (rule.trait is None or rule.trait in post.traits)
            and (person.has_lived_abroad or not rule.only_from_abroad)
        ):
            asked.setdefault(rule.check, []).append(rule)
    return tuple(
        Required(
            kind,
            tuple(rule.code for rule in asked[kind]),
            all(rule.may_waive for rule in asked[kind]),
            _asks(kind, policy, post),
        )
        for kind in CheckKind
        if kind in asked
    )


def _asks(kind: CheckKind, policy: Policy, post: Post) -> dict[str, Any]:
    match kind:
        case CheckKind.DBS:
            return {"level": post.dbs_level.value}
        case CheckKind.BARRED_LIST:
            return {"lists": list(post.barred_lists)}
        case CheckKind.REGISTRATION:
            return {"body": post.registration}
        case CheckKind.REFERENCES:
            return {"years": policy.reference_years}
        case CheckKind.OVERSEAS:
            return {"years": policy.abroad_years}
    return {}


@dataclass(frozen=True, slots=True)
class Shown:
    """What was seen when a check was passed."""

    method: CheckMethod
    evidence_reference: str
    checked_on: date
    copied_on: date | None = None
    is_time_limited: bool | None = None
    follow_up_on: date | None = None
    expires_on: date | None = None
    dbs_level: DbsLevel | None = None
    barred_lists: tuple[str, ...] = ()


def refuse_unshown(check: PreEmploymentCheck, shown: Shown, today: date) -> None:
    """Raises MethodNotForCheck, CheckedInTheFuture, ShareCodeNotKept, CheckIncomplete, CheckTooLow."""
    if shown.method not in METHODS[check.kind]:
        methods = ", ".join(sorted(METHODS[check.kind]))
        raise MethodNotForCheck(field="method", next_step=f"The methods are {methods}.")
    for field, day in (("checked_on", shown.checked_on), ("copied_on", shown.copied_on)):
        if day is not None and day > today:
            raise CheckedInTheFuture(field=field)
    bare = re.sub(r"[\s-]", "", shown.evidence_reference).upper()
    if check.kind in KEEPS_NO_CODE and SHARE_CODE.fullmatch(bare):
        raise ShareCodeNotKept(field="evidence_reference", next_step="Refer to where the dated copy of the answer is.")
    for field, day in (("expires_on", shown.expires_on), ("follow_up_on", shown.follow_up_on)):
        if day is not None and day <= today:
            raise CheckIncomplete("It is over already: ask for what is valid.", field=field)
    match check.kind:
        case CheckKind.RIGHT_TO_WORK:
            _refuse_right_to_work(shown)
        case CheckKind.DBS:
            level = LEVELS.index(shown.dbs_level or DbsLevel.NONE)
            if level < LEVELS.index(DbsLevel(check.asks["level"])):
                raise CheckTooLow(f"The post asks for level {check.asks['level']}.", field="dbs_level")
        case CheckKind.BARRED_LIST if missing := sorted(set(check.asks["lists"]) - set(shown.barred_lists)):
            raise CheckTooLow(f"Not looked at: {', '.join(missing)}.", field="barred_lists")


def _refuse_right_to_work(shown: Shown) -> None:
    """The Home Office's guide for employers: a dated copy, and a follow-up where the right ends one day."""
    if shown.copied_on is None:
        raise CheckIncomplete("Say on which day the copy was made.", field="copied_on")
    if shown.is_time_limited is None:
        raise CheckIncomplete("Say whether the right to work ends one day.", field="is_time_limited")
    if shown.is_time_limited and shown.follow_up_on is None:
        raise CheckIncomplete("Give the day on which it is to be checked again.", field="follow_up_on")
    if shown.is_time_limited and shown.method is CheckMethod.IDSP:
        raise MethodNotForCheck(
            "Identity service providers check British and Irish passports, whose right has no end.", field="method"
        )


def refuse_unwaivable(check: PreEmploymentCheck) -> None:
    """Raises CheckNotWaivable."""
    if not check.may_waive:
        raise CheckNotWaivable(next_step="Pass the check, or withdraw the offer.", kind=check.kind)


def is_settled(check: PreEmploymentCheck, on: date) -> bool:
    """Whether it stands in nobody's way on this day: passed and not run out, not applicable, or validly waived."""
    if not check.is_required or check.outcome is CheckOutcome.NOT_APPLICABLE:
        return True
    if check.outcome is CheckOutcome.PASSED:
        ends = [day for day in (check.expires_on, check.follow_up_on) if day is not None]
        return all(on < day for day in ends)
    return check.waiver is WaiverState.APPROVED and check.waiver_ends_on is not None and on <= check.waiver_ends_on


def unsettled(checks: Iterable[PreEmploymentCheck], on: date) -> list[CheckKind]:
    return [check.kind for check in checks if not is_settled(check, on)]


def day_of_reckoning(application: Application, today: date) -> date:
    """Checks have to hold on the first day, and today where that has passed."""
    return max(today, application.starts_on or today)


def refuse_unchecked(checks: Iterable[PreEmploymentCheck], needed: Iterable[CheckKind], on: date) -> None:
    """Raises ChecksMissing, which names those that are missing."""
    known = list(checks)
    missing = unsettled(known, on) + sorted(set(needed) - {check.kind for check in known})
    if missing:
        raise ChecksMissing(
            f"Missing: {', '.join(missing)}.",
            field="checks",
            next_step="Pass each of them, or have it waived.",
            missing=missing,
        )


def next_due(check: PreEmploymentCheck, after: date) -> date | None:
    """The next day on which somebody has to look at it: with notice, on the day itself, and after a waiver's end."""
    if not check.is_required:
        return None
    days: list[date] = []
    if check.outcome is CheckOutcome.PASSED:
        for day in (check.expires_on, check.follow_up_on):
            if day is not None:
                days += [day - timedelta(days=NOTICE_DAYS), day]
    elif check.waiver is WaiverState.APPROVED and check.waiver_ends_on is not None:
        days.append(check.waiver_ends_on + timedelta(days=1))
    return min((day for day in days if day > after), default=None)
