"""Staff and API clients as the API shows and takes them. Inputs name employers by code."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field

from services.ats.identity.models import ApiClient
from shared.events.ats import RoleGrant
from shared.reference.employers import employer_id
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Code = Annotated[str, Field(min_length=2, max_length=10, pattern=r"^[A-Za-z0-9-]+$", examples=["SAW"])]


def _link_address(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme != "https" or not parts.hostname or set("@?#") & set(given):
        raise ValueError("an https address without a name, a query or a fragment in it")
    return given.rstrip("/")


LinkAddress = Annotated[
    str,
    Field(max_length=300, pattern=r"^[!-~]+$", examples=["https://www.wmjobs.example/apply"]),
    AfterValidator(_link_address),
]


class GrantGiven(BaseModel):
    """A role and where it is held. WME's roles reach the whole region and name no employer."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    employer_code: Code | None = None

    def as_grant(self) -> RoleGrant:
        return RoleGrant(role=self.role, employer_id=employer_id(self.employer_code) if self.employer_code else None)


class GrantRead(BaseModel):
    role: Role
    employer_id: UUID | None


class StaffCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    email: EmailStr = Field(max_length=320)
    grants: list[GrantGiven] = Field(min_length=1, max_length=100)


class StaffGrantsChange(BaseModel):
    """What somebody holds at the employers you administer, as a whole; what they hold elsewhere stays."""

    model_config = ConfigDict(extra="forbid")

    grants: list[GrantGiven] = Field(max_length=100)


class StaffRead(BaseModel):
    id: UUID
    version: int
    name: str
    email: str
    is_active: bool
    grants: list[GrantRead]

    @classmethod
    def of(cls, person: StaffMember) -> StaffRead:
        return cls(
            id=person.id,
            version=person.version,
            name=person.name,
            email=person.email,
            is_active=person.is_active,
            grants=[GrantRead(role=grant.role, employer_id=grant.employer_id) for grant in person.grants],
        )


class ApiClientCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    scopes: list[Scope] = Field(min_length=1)
    employer_codes: list[Code] = Field(default_factory=list, max_length=100)
    is_region: bool = Field(default=False, description="Reaches every employer; only WME can give this")
    link_address: LinkAddress | None = Field(
        default=None,
        description="Links to candidates who applied through this system begin with it, and go on with /l/{token};"
        " its page exchanges the token by POST /v1/link-sessions. None: they lead to our own pages",
    )


class ApiClientRead(BaseModel):
    id: UUID = Field(description="Also the `client_id` of the token endpoint")
    name: str
    scopes: list[Scope]
    employer_ids: list[UUID]
    is_region: bool
    is_active: bool
    created_at: datetime
    last_used_at: datetime | None
    link_address: str | None

    model_config = ConfigDict(from_attributes=True)


class ApiClientWithSecret(ApiClientRead):
    client_secret: str = Field(description="Shown once and stored nowhere", examples=["wmes_…"])

    @classmethod
    def of(cls, client: ApiClient, secret: str) -> ApiClientWithSecret:
        return cls(client_secret=secret, **ApiClientRead.model_validate(client).model_dump())


class TokenRead(BaseModel):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds", examples=[600])
    scope: str = Field(examples=["vacancies:read vacancies:write"])


class TokenError(BaseModel):
    """RFC 6749 section 5.2: the token endpoint refuses in OAuth's own shape."""

    error: str = Field(examples=["invalid_client"])
    error_description: str
