"""Who decides on an offer outside the grade: for the API and the page alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from shared.auth import Principal, allow_decision
from shared.vocabulary import Role, Scope

Approver = Annotated[Principal, Depends(allow_decision(Role.APPROVER, scope=Scope.APPLICATIONS_WRITE))]
