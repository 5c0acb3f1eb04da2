"""`POST /oauth/token` (RFC 6749 client credentials, RFC 8707 resources) and the public keys for outsiders."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from services.ats.identity import queries, rules, signing
from services.ats.identity.models import ApiClient
from services.ats.identity.schemas import TokenError, TokenRead
from shared.app import RegionSessionDep
from shared.auth import allow_anyone, allow_bringing_secret
from shared.registry import list_employers
from shared.sessions import token_hash
from shared.settings import Settings
from shared.tokens import ACCESS_TOKEN_LIFE, REGION
from shared.vocabulary import Service

router = APIRouter(tags=["identity"])
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# Somebody looked a client up a minute ago: no need to write the same again.
USED_EVERY = timedelta(minutes=1)
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": {"type": "string", "description": "Unless sent by HTTP Basic"},
                        "client_secret": {"type": "string", "description": "Unless sent by HTTP Basic"},
                        "scope": {"type": "string", "description": "To get less than the client holds"},
                        "resource": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "The services the token is for, by name or address; `ats` when absent",
                        },
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True)
class TokenRefusal(Exception):
    """Answered in OAuth's shape, not as a problem document: clients' libraries read this one."""

    error: str
    description: str
    status: int = 400

    def response(self) -> JSONResponse:
        headers = NO_STORE | ({"WWW-Authenticate": 'Basic realm="wme"'} if self.status == 401 else {})
        body = TokenError(error=self.error, error_description=self.description)
        return JSONResponse(body.model_dump(), self.status, headers=headers)


@router.post(
    "/oauth/token",
    summary="Get an access token by client credentials",
    response_model=TokenRead,
    responses={400: {"model": TokenError}, 401: {"model": TokenError}},
    openapi_extra=FORM,
    dependencies=[allow_bringing_secret()],
)
async def issue_token(request: Request, session: RegionSessionDep) -> JSONResponse:
    settings: Settings = request.state.settings
    try:
        asked = await _form(request)
        client = await _authenticated(session, request, asked)
        return JSONResponse(await _token_for(session, client, asked, settings), headers=NO_STORE)
    except TokenRefusal as refusal:
        return refusal.response()


@router.get(
    "/.well-known/jwks.json",
    summary="The public keys that our tokens are signed with",
    dependencies=[allow_anyone()],
)
async def read_jwks(session: RegionSessionDep) -> JSONResponse:
    keys = [_jwk(kid, pem) for kid, pem in await queries.published_keys(session)]
    return JSONResponse({"keys": keys}, headers={"Cache-Control": "public, max-age=300"})


async def _form(request: Request) -> FormData:
    """The parameters, each at most once but `resource` and `audience` (RFC 6749 section 3.2)."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise TokenRefusal("invalid_request", "Send application/x-www-form-urlencoded")
    form = await request.form()
    once = [key for key in form if key not in {"resource", "audience"}]
    if len(form.multi_items()) - sum(len(form.getlist(each)) for each in ("resource", "audience")) != len(once):
        raise TokenRefusal("invalid_request", "A parameter was sent more than once")
    if form.get("grant_type") != "client_credentials":
        raise TokenRefusal("unsupported_grant_type", "Only client_credentials is supported")
    return form


async def _authenticated(session: AsyncSession, request: Request, asked: FormData) -> ApiClient:
    """The client whose id and secret these are. Unknown, inactive and wrong read the same."""
    refused = TokenRefusal("invalid_client", "The client id or secret is not right", 401)
    client_id, secret = _credentials(request, asked)
    try:
        client = await session.get(ApiClient, UUID(client_id))
    except ValueError:
        raise refused from None
    expected = client.secret_hash if client else bytes(32)
    if not hmac.compare_digest(token_hash(secret), expected) or client is None or not client.is_active:
        raise refused
    await session.execute(
        update(ApiClient)
        .where(
            ApiClient.id == client.id,
            ApiClient.last_used_at.is_(None) | (ApiClient.last_used_at < func.clock_timestamp() - USED_EVERY),
        )
        .values(last_used_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
    return client


def _credentials(request: Request, asked: FormData) -> tuple[str, str]:
    header = request.headers.get("authorization", "")
    in_body = "client_secret" in asked
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return str(asked.get("client_id", "")), str(asked.get("client_secret", ""))
    if in_body:
        raise TokenRefusal("invalid_request", "Send the secret one way, not two")
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise TokenRefusal("invalid_client", "The Authorization header cannot be read", 401) from None
    return unquote_plus(name), unquote_plus(secret)


async def _token_for(
    session: AsyncSession, client: ApiClient, asked: FormData, settings: Settings
) -> dict[str, object]:
    wanted = asked.get("scope")
    scopes = rules.narrowed_scopes(client.scopes, None if wanted is None else str(wanted))
    if scopes is None:
        raise TokenRefusal("invalid_scope", "The client does not hold every scope it asked for")
    audience = _audience(asked, settings)
    if settings.signing_key_secret is None:
        raise signing.NoSigningKey
    signer = await signing.signer(session, settings.signing_key_secret.get_secret_value(), settings.public_url)
    employers = (
        REGION if client.is_region else [each.code for each in await list_employers(session, client.employer_ids)]
    )
    token = signer.access_token(client.id, scopes=scopes, employers=employers, audience=audience)
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
        "scope": " ".join(scopes),
    }


def _audience(asked: FormData, settings: Settings) -> tuple[Service, ...]:
    """The services named, by name or by address; ats when none is."""
    named = {str(each).rstrip("/") for key in ("resource", "audience") for each in asked.getlist(key)}
    if not named:
        return (Service.ATS,)
    found = tuple(each for each in Service if {each.value, settings.public_urls[each].rstrip("/")} & named)
    if len(found) != len(named):
        raise TokenRefusal("invalid_target", f"Ask for {', '.join(Service)}")
    return found


def _jwk(kid: str, pem: str) -> dict[str, str]:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise TypeError("only Ed25519 keys sign our tokens")
    point = base64.urlsafe_b64encode(key.public_bytes_raw()).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": point}
