"""`/v1/messages/kinds`: reference data about what people are told."""

from __future__ import annotations

from typing import ClassVar

from fastapi import APIRouter, Depends

from services.notifications.messages.catalogue import BY_KEY, CATALOGUE
from services.notifications.wording.schemas import KindDetail, KindRead
from shared.auth import allow_signed_in
from shared.errors import NotFound
from shared.pagination import Page
from shared.problems import problems

router = APIRouter(prefix="/v1/messages/kinds", tags=["messages"], dependencies=[Depends(allow_signed_in())])


class KindUnknown(NotFound):
    code: ClassVar[str] = "message_kind_unknown"
    title: ClassVar[str] = "There is no such kind of message"


@router.get("", summary="List every kind of message", responses=problems())
async def list_message_kinds() -> Page[KindRead]:
    return Page(items=[KindRead.of(kind) for kind in CATALOGUE])


@router.get("/{key}", summary="Read a kind of message, with a sample", responses=problems(404))
async def get_message_kind(key: str) -> KindDetail:
    kind = BY_KEY.get(key)
    if kind is None:
        raise KindUnknown(next_step="List the kinds first")
    return KindDetail.of(kind)
