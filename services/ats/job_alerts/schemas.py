from __future__ import annotations

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from services.ats.job_alerts.models import Frequency
from services.ats.jobs.schemas import JobCriteria

HONEYPOT = "Leave it out, and show it to nobody. Whoever fills in every field of a form that they see is no person"


class JobAlertCreate(BaseModel):
    """A search to be saved, with the filters of `GET /v1/jobs`."""

    model_config = ConfigDict(extra="forbid")

    email: EmailStr = Field(max_length=320, examples=["amara.osei@people.example"])
    search: JobCriteria = Field(examples=[{"q": "housing", "near": "Walsall", "within_miles": 10}])
    frequency: Frequency = Frequency.DAILY
    website: str = Field(default="", max_length=200, description=HONEYPOT, examples=[""])


class JobAlertAsked(BaseModel):
    """The same answer whether or not the address is known."""

    detail: str = "A link to confirm the alert is on its way to this address. It works for seven days."
