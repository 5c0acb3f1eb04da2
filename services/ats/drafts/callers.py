"""Who comes to the pages of a draft: by a mailed link, or in the browser in which it was begun."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.ats.drafts.telling import BEGUN_HERE, LINK_PURPOSE
from shared.auth import Principal, allow_link

Person = Annotated[Principal, Depends(allow_link(LINK_PURPOSE, BEGUN_HERE))]
