"""Who may call: the home council's systems and HR, and the person by their link."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.clearing.registrations.commands import LINK_PURPOSE
from shared.auth import Principal, allow, allow_decision, allow_link
from shared.vocabulary import Role, Scope

Reader = Annotated[Principal, Depends(allow(Scope.CLEARING_READ))]
ReaderOrPerson = Annotated[Principal, Depends(allow(Scope.CLEARING_READ, link=LINK_PURPOSE))]
Writer = Annotated[Principal, Depends(allow(Scope.CLEARING_WRITE))]
WriterOrPerson = Annotated[Principal, Depends(allow(Scope.CLEARING_WRITE, link=LINK_PURPOSE))]
Hr = Annotated[Principal, Depends(allow_decision(Role.COUNCIL_HR, scope=Scope.CLEARING_WRITE))]
Person = Annotated[Principal, Depends(allow_link(LINK_PURPOSE))]
SIGN_IN_LINKS_PER_MINUTE = 5
