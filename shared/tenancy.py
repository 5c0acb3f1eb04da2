"""Who a transaction acts for. Row-level security reads it from transaction-local settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Tenancy:
    """The employers, the person and the reach of one transaction.

    `is_region` is set only for WME's roles and for workers, never from a request's own words.
    """

    employer_ids: frozenset[UUID] = frozenset()
    subject_id: UUID | None = None
    is_region: bool = False

    @classmethod
    def of(cls, employer_ids: Iterable[UUID]) -> Self:
        return cls(employer_ids=frozenset(employer_ids))

    @classmethod
    def person(cls, subject_id: UUID) -> Self:
        return cls(subject_id=subject_id)


REGION = Tenancy(is_region=True)
NOBODY = Tenancy()
