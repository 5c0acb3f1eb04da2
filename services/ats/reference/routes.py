from __future__ import annotations

from fastapi import APIRouter

from services.ats.applications import states as applications
from services.ats.applications.permitted import DECIDERS, LEGAL, may_be_done_by_candidate
from services.ats.checks import states as checks
from services.ats.hires import states as hires
from services.ats.milestones.models import MilestoneKind
from services.ats.reference.schemas import LockRead, MoveRead, SkillRead, StageRead, StateRead, Term
from services.ats.vacancies import actions as vacancies
from services.ats.vacancies.actions import WITH_LOCKED_FIELDS
from services.ats.vacancies.locked_fields import LOCKS
from shared.auth import allow_anyone
from shared.problems import problems
from shared.reference.occupations import families
from shared.reference.skills import skills
from shared.vocabulary import ContractKind, VacancyState, WorkingPattern

router = APIRouter(prefix="/v1/reference", tags=["reference"], dependencies=[allow_anyone()], responses=problems())


def _label(code: str) -> str:
    return code.replace("_", " ").capitalize()


@router.get("/vacancy-states", summary="States of a vacancy and its legal moves", response_model=list[StateRead])
async def list_vacancy_states() -> list[StateRead]:
    return [
        StateRead(
            code=state,
            label=vacancies.LABELS[state],
            actions={
                action: sorted(move.to_states) for action, move in vacancies.MOVES.items() if state in move.from_states
            },
        )
        for state in VacancyState
    ]


@router.get(
    "/application-stages", summary="Stages of an application and its legal moves", response_model=list[StageRead]
)
async def list_application_stages() -> list[StageRead]:
    return [
        StageRead(
            code=stage,
            label=applications.LABELS[stage],
            actions={action: moves[stage] for action, moves in applications.MOVES.items() if stage in moves},
        )
        for stage in applications.Stage
    ]


@router.get(
    "/application-moves",
    summary="Every legal move of an application: stage, action and who may. What is not here is refused",
    response_model=list[MoveRead],
)
async def list_application_moves() -> list[MoveRead]:
    return [
        MoveRead(
            stage=stage,
            action=action,
            to=sorted(targets),
            roles=sorted(DECIDERS[action]),
            by_candidate=may_be_done_by_candidate(action, stage),
        )
        for action, moves in LEGAL.items()
        for stage, targets in moves.items()
    ]


@router.get("/rejection-reasons", summary="Coded reasons of a rejection", response_model=list[Term])
async def list_rejection_reasons() -> list[Term]:
    return [Term(code=reason, label=label) for reason, label in applications.REASON_LABELS.items()]


@router.get("/unhire-reasons", summary="Coded reasons of taking a hire back", response_model=list[Term])
async def list_unhire_reasons() -> list[Term]:
    return [Term(code=reason, label=label) for reason, label in hires.UNHIRE_LABELS.items()]


@router.get("/leaving-reasons", summary="Coded reasons of leaving", response_model=list[Term])
async def list_leaving_reasons() -> list[Term]:
    return [Term(code=reason, label=label) for reason, label in hires.LEAVING_LABELS.items()]


@router.get("/check-kinds", summary="Checks before a first day", response_model=list[Term])
async def list_check_kinds() -> list[Term]:
    return [Term(code=kind, label=label) for kind, label in checks.LABELS.items()]


@router.get("/check-methods", summary="How a check may be passed", response_model=list[Term])
async def list_check_methods() -> list[Term]:
    return [Term(code=method, label=label) for method, label in checks.METHOD_LABELS.items()]


@router.get("/contract-kinds", summary="Kinds of contract", response_model=list[Term])
async def list_contract_kinds() -> list[Term]:
    return [Term(code=kind, label=_label(kind)) for kind in ContractKind]


@router.get(
    "/locked-fields",
    summary="Fields of a vacancy that are locked once it is advertised, and why",
    response_model=list[LockRead],
)
async def list_locked_fields() -> list[LockRead]:
    return [
        LockRead(field=field, code=lock.code, why=lock.why, instead=lock.instead, states=list(WITH_LOCKED_FIELDS))
        for field, lock in LOCKS.items()
    ]


@router.get("/working-patterns", summary="Working patterns", response_model=list[Term])
async def list_working_patterns() -> list[Term]:
    return [Term(code=pattern, label=_label(pattern)) for pattern in WorkingPattern]


@router.get("/milestone-kinds", summary="Milestones that an external system reports", response_model=list[Term])
async def list_milestone_kinds() -> list[Term]:
    return [Term(code=kind, label=_label(kind)) for kind in MilestoneKind]


@router.get("/families", summary="Job families", response_model=list[Term])
async def list_families() -> list[Term]:
    return [Term(code=family.family, label=family.label) for family in families().values()]


@router.get("/skills", summary="Skills and what their levels mean", response_model=list[SkillRead])
async def list_skills() -> list[SkillRead]:
    return [
        SkillRead(code=skill.skill_id, label=skill.label, family=skill.family, levels=list(skill.levels))
        for skill in skills().values()
    ]
