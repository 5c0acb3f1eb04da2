"""`POST /oauth/token` by RFC 6749, and what the token lets a client do in each service."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity.models import ApiClient
from shared.vocabulary import Scope, Service
from tests.factories.identity import make_client, tell_registry

Made = tuple[ApiClient, str]


@pytest.fixture
async def made(ats_session: AsyncSession) -> Made:
    client = await make_client(ats_session, Scope.VACANCIES_READ, Scope.VACANCIES_WRITE, employers=("SAW", "WLV"))
    await ats_session.flush()
    return client


async def ask(ats: httpx.AsyncClient, made: Made, **more: Any) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": str(made[0].id), "client_secret": made[1]}
    return await ats.post("/oauth/token", data=form | more)


async def test_a_client_gets_a_token_for_ats_with_all_it_holds(ats: httpx.AsyncClient, made: Made) -> None:
    answer = await ask(ats, made)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    assert body["scope"] == "vacancies:read vacancies:write"
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["iss"] == "http://127.0.0.1:8001"
    assert claims["aud"] == ["ats"]
    assert claims["employers"] == ["SAW", "WLV"]
    assert claims["exp"] - claims["iat"] == 600
    assert jwt.get_unverified_header(body["access_token"])["typ"] == "at+jwt"
    whoami = await ats.get("/v1/whoami", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert [each["code"] for each in whoami.json()["employers"]] == ["SAW", "WLV"]


async def test_the_secret_may_come_by_basic(ats: httpx.AsyncClient, made: Made) -> None:
    answer = await ats.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(str(made[0].id), made[1]))
    assert answer.status_code == 200


async def test_a_client_may_ask_for_less(ats: httpx.AsyncClient, made: Made) -> None:
    assert (await ask(ats, made, scope="vacancies:read")).json()["scope"] == "vacancies:read"


async def test_a_region_client_is_told_as_such(ats: httpx.AsyncClient, ats_session: AsyncSession) -> None:
    board = await make_client(ats_session, Scope.JOBS_APPLY, is_region=True)
    token = (await ask(ats, board)).json()["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["employers"] == "region"
    whoami = await ats.get("/v1/whoami", headers={"Authorization": f"Bearer {token}"})
    assert whoami.json()["reach"] == "region"


@pytest.mark.parametrize("resource", ["clearing", "http://127.0.0.1:8003", "http://127.0.0.1:8003/"])
async def test_a_token_is_for_the_services_named(
    resource: str, world: Any, ats: httpx.AsyncClient, clearing: httpx.AsyncClient, made: Made
) -> None:
    await tell_registry(world)
    token = (await ask(ats, made, resource=resource)).json()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    assert (await clearing.get("/v1/whoami", headers=header)).status_code == 200
    assert (await ats.get("/v1/whoami", headers=header)).status_code == 401


async def test_a_token_may_be_for_several_services(ats: httpx.AsyncClient, made: Made) -> None:
    token = (await ask(ats, made, resource=["notifications", "ats"])).json()["access_token"]
    assert set(jwt.decode(token, options={"verify_signature": False})["aud"]) == {"ats", "notifications"}


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "a wrong secret": ({"client_secret": "wmes_wrong"}, 401, "invalid_client"),
    "an empty secret": ({"client_secret": ""}, 401, "invalid_client"),
    "an unknown client": ({"client_id": "0d9d32a7-934a-4742-aa26-eb6a3e3ba9b3"}, 401, "invalid_client"),
    "a client id that is no id": ({"client_id": "' OR 1=1 --"}, 401, "invalid_client"),
    "another grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "no grant": ({"grant_type": ""}, 400, "unsupported_grant_type"),
    "a scope it does not hold": ({"scope": "clearing:read"}, 400, "invalid_scope"),
    "a scope that nobody holds": ({"scope": "moon:walk"}, 400, "invalid_scope"),
    "an unknown service": ({"resource": "payroll"}, 400, "invalid_target"),
    "one of ours and a foreign one": ({"resource": ["ats", "https://elsewhere.example"]}, 400, "invalid_target"),
    "a parameter twice": ({"scope": ["vacancies:read", "vacancies:write"]}, 400, "invalid_request"),
}


@pytest.mark.parametrize(("more", "status", "error"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_request_is_refused_in_oauths_own_shape(
    more: dict[str, Any], status: int, error: str, ats: httpx.AsyncClient, made: Made
) -> None:
    answer = await ask(ats, made, **more)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert answer.headers["cache-control"] == "no-store"


async def test_the_secret_comes_one_way_only(ats: httpx.AsyncClient, made: Made) -> None:
    form = {"grant_type": "client_credentials", "client_secret": made[1]}
    answer = await ats.post("/oauth/token", data=form, auth=(str(made[0].id), made[1]))
    assert answer.json()["error"] == "invalid_request"


async def test_json_is_not_a_form(ats: httpx.AsyncClient) -> None:
    answer = await ats.post("/oauth/token", json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_client_whose_access_ended_gets_no_token(
    ats: httpx.AsyncClient, ats_session: AsyncSession, made: Made
) -> None:
    made[0].is_active = False
    await ats_session.flush()
    assert (await ask(ats, made)).json()["error"] == "invalid_client"


async def test_the_keys_are_published_without_their_private_half(
    ats: httpx.AsyncClient, made: Made, world: Any
) -> None:
    answer = await ats.get("/.well-known/jwks.json")
    token = (await ask(ats, made)).json()["access_token"]
    key = next(each for each in answer.json()["keys"] if each["kid"] == jwt.get_unverified_header(token)["kid"])
    assert set(key) == {"kty", "crv", "use", "alg", "kid", "x"}
    public = jwt.PyJWK(key).key
    assert jwt.decode(token, public, algorithms=["EdDSA"], audience=Service.ATS.value)["sub"] == str(made[0].id)
