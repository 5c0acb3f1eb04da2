"""Who is one person, however many addresses they have used: read off the links in force, so that nothing is copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, and_, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.persons.models import PersonLink
from services.ats.persons.states import LinkVerdict

IN_FORCE = PersonLink.undone_at.is_(None)


def same_people(*, of: str | None = None) -> CTE:
    """`employer_id`, `person_key`, `other_key`: two keys of one person at an employer, however many links apart.

    `of`: only who has this key. The keys of a person who has only one are not in it.
    """
    is_one = and_(IN_FORCE, PersonLink.verdict == LinkVerdict.ONE_PERSON)
    forth = select(
        PersonLink.employer_id, PersonLink.first_key.label("person_key"), PersonLink.second_key.label("other_key")
    ).where(is_one)
    back = select(PersonLink.employer_id, PersonLink.second_key, PersonLink.first_key).where(is_one)
    steps = union_all(forth, back).cte("person_steps")
    begin = select(steps.c.employer_id, steps.c.person_key, steps.c.other_key)
    if of is not None:
        begin = begin.where(steps.c.person_key == of)
    reached = begin.cte("same_people", recursive=True)
    further = select(reached.c.employer_id, reached.c.person_key, steps.c.other_key).join(
        steps, and_(steps.c.employer_id == reached.c.employer_id, steps.c.person_key == reached.c.other_key)
    )
    return reached.union(further)


def is_of_person(person_key: str, employer_id: Any, key: Any) -> ColumnElement[bool]:
    """Whether a row of `employer_id` under `key` is this person's there. Both are columns of the row."""
    same = same_people(of=person_key)
    return or_(key == person_key, tuple_(employer_id, key).in_(select(same.c.employer_id, same.c.other_key)))


def are_one_person(employer_id: Any, key: Any, other_key: Any) -> ColumnElement[bool]:
    """Whether two keys, columns of rows of one employer, are one person's there by a decision."""
    same = same_people()
    linked = select(same.c.employer_id, same.c.person_key, same.c.other_key)
    return tuple_(employer_id, key, other_key).in_(linked)


async def links_in_force(session: AsyncSession, employer_id: UUID) -> Sequence[PersonLink]:
    query = select(PersonLink).where(PersonLink.employer_id == employer_id, IN_FORCE)
    return (await session.scalars(query.order_by(PersonLink.decided_at, PersonLink.id))).all()
