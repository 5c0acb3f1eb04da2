"""The labelled people, vacancies and judgements of the shared data folder beside the repository."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from services.clearing.matching.profiles import (
    Criterion,
    DesirableSkill,
    HeldSkill,
    Occupation,
    Person,
    Qualification,
    Registration,
    Vacancy,
)
from shared.reference.employers import employer_of_gss
from shared.reference.pay import in_pay_year_of
from shared.vocabulary import ContractKind, CriterionKind

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data"
LABELS = UUID("0b8f2c1e-4a55-4c0f-8a43-6a7c2f9d1e00")
PAY_DAY = date(2026, 9, 1)
VERIFIED_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Judgement:
    person: str
    vacancy: str
    grade: int
    holds: bool
    trainable_gaps: frozenset[str]


def is_present() -> bool:
    return (FOLDER / "match_judgements_dev.csv").is_file()


@cache
def people() -> dict[str, Person]:
    return {row["id"]: _person(row) for row in _lines("match_people_dev.jsonl")}


@cache
def vacancies() -> dict[str, Vacancy]:
    return {row["id"]: _vacancy(row) for row in _lines("match_vacancies_dev.jsonl")}


@cache
def judgements() -> tuple[Judgement, ...]:
    with (FOLDER / "match_judgements_dev.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Judgement(
                row["person_id"],
                row["vacancy_id"],
                int(row["grade"]),
                row["hard_constraints_hold"] == "yes",
                frozenset(row["trainable_gaps"].split()),
            )
            for row in csv.DictReader(file)
        )


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def _pence(pounds: int, paid_on: str) -> int:
    return in_pay_year_of(pounds * 100, paid_on=date.fromisoformat(paid_on), wanted_on=PAY_DAY)


def _person(row: dict[str, Any]) -> Person:
    return Person(
        registration_id=uuid5(LABELS, row["id"]),
        home_employer_id=employer_of_gss(row["home_council_gss"]).id,
        tier=3,
        band=row["band"],
        current_fte_pence=_pence(row["current_fte_gbp"], row["pay_effective_from"]),
        current_hours=round(row["hours"] * 100),
        min_hours=round(row["min_hours"] * 100),
        max_hours=round(row["max_hours"] * 100),
        verified_at=VERIFIED_AT,
        outcode=row["outcode"],
        max_miles=row["max_miles"],
        accepts_fixed_term=row["accepts_fixed_term"],
        accepts_more_than_two_bands_lower=row["accepts_more_than_two_bands_lower"],
        working_patterns=frozenset(row["working_patterns"]),
        skills={held["skill_id"]: HeldSkill(held["level"]) for held in row["skills"]},
        qualifications=tuple(Qualification(item["level"], item["subject"]) for item in row["qualifications"]),
        registrations=tuple(Registration(code) for code in row["registrations"]),
        occupations=tuple(
            Occupation(item["family"], item["soc2020"], months=item["months"]) for item in row["occupations"]
        ),
    )


def _vacancy(row: dict[str, Any]) -> Vacancy:
    return Vacancy(
        vacancy_id=uuid5(LABELS, row["id"]),
        employer_id=employer_of_gss(row["employer_gss"]).id,
        band=row["band"],
        max_fte_pence=_pence(row["salary_max"], row["pay_effective_from"]),
        hours=round(row["hours"] * 100),
        outcode=row["outcode"],
        contract=ContractKind(row["contract"]),
        contract_months=row["contract_months"],
        working_pattern=row["working_pattern"],
        essential=tuple(_criterion(item) for item in row["essential"]),
        desirable=tuple(DesirableSkill(item["skill_id"], item["level"], item["weight"]) for item in row["desirable"]),
    )


def _criterion(item: dict[str, Any]) -> Criterion:
    detail = item["detail"]
    return Criterion(
        criterion_id=item["id"],
        kind=CriterionKind(item["kind"]),
        text=detail["text"],
        trainable=item["trainable"],
        weeks_to_train=item["weeks_to_train"],
        level=detail.get("level"),
        subjects=(detail["subject"],) if "subject" in detail else (),
        registration_code=detail.get("code"),
        skill_id=detail.get("skill_id"),
        families=tuple(detail.get("families", ())),
        months=detail.get("months"),
    )
