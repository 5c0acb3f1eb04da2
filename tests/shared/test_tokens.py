"""Access tokens: only what ats signed for this service, now, with a key that this service was told of."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import update

from shared.registry import verification_keys
from shared.tokens import (
    ACCESS_TOKEN,
    ASK_AGAIN_SECONDS,
    ASSERTION,
    LEEWAY,
    READ_AGAIN_SECONDS,
    CheckedToken,
    CheckedTokens,
    TokenRefused,
    VerificationKeys,
    Verifier,
    principal_of,
)
from shared.vocabulary import Scope, Service
from tests.tokens import Signer

Claims = dict[str, Any]


@pytest.fixture
def signer(world: Any) -> Signer:
    return world.signer


@pytest.fixture
def claims(signer: Signer) -> Claims:
    return signer.claims(Scope.VACANCIES_READ, employers=("SAW",))


async def whoami(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/v1/whoami", headers={"Authorization": f"Bearer {token}"})


async def test_a_good_token_is_taken_for_what_it_says(ats: httpx.AsyncClient, signer: Signer, claims: Claims) -> None:
    answer = await whoami(ats, signer.token(claims))
    assert answer.status_code == 200
    assert answer.json()["kind"] == "client"
    assert answer.json()["id"] == claims["sub"]
    assert [each["code"] for each in answer.json()["employers"]] == ["SAW"]
    assert answer.json()["scopes"] == ["vacancies:read"]


HOUR = timedelta(hours=1)
SPOILED: dict[str, Callable[[Claims], Claims]] = {
    "of another issuer": lambda good: good | {"iss": "https://elsewhere.example"},
    "for another service": lambda good: good | {"aud": ["clearing"]},
    "for no service": lambda good: good | {"aud": []},
    "for the hand-over of sign-in": lambda good: good | {"aud": ["ats/session"]},
    "expired": lambda good: good | {"iat": datetime.now(UTC) - HOUR, "exp": datetime.now(UTC) - timedelta(seconds=61)},
    "not valid yet": lambda good: good | {"nbf": datetime.now(UTC) + timedelta(seconds=61)},
    "issued in the future": lambda good: good | {"iat": datetime.now(UTC) + timedelta(seconds=61)},
    "for nobody": lambda good: good | {"sub": "nobody"},
    "with scopes that are no text": lambda good: good | {"scope": ["vacancies:read"]},
    "with an employer that is no list": lambda good: good | {"employers": "SAW"},
    "with employers that are no codes": lambda good: good | {"employers": [{"code": "SAW"}]},
    **{
        f"without {name}": lambda good, name=name: {key: value for key, value in good.items() if key != name}
        for name in ("iss", "aud", "sub", "jti", "iat", "exp", "scope", "employers")
    },
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
async def test_a_token_is_refused(
    spoil: Callable[[Claims], Claims], ats: httpx.AsyncClient, signer: Signer, claims: Claims
) -> None:
    answer = await whoami(ats, signer.token(spoil(claims)))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")


def _plain(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.timestamp() if isinstance(value, datetime) else value for key, value in claims.items()}


def _part(value: Mapping[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_a_token_without_a_signature_is_refused(
    algorithm: str, ats: httpx.AsyncClient, signer: Signer, claims: Claims
) -> None:
    header = {"alg": algorithm, "typ": ACCESS_TOKEN, "kid": signer.kid}
    answer = await whoami(ats, f"{_part(header)}.{_part(_plain(claims))}.")
    assert answer.status_code == 401


async def test_the_public_key_is_no_shared_secret(ats: httpx.AsyncClient, signer: Signer, claims: Claims) -> None:
    public = signer.key.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.Raw, PublicFormat.Raw),
    ):
        signed = f"{_part({'alg': 'HS256', 'typ': ACCESS_TOKEN, 'kid': signer.kid})}.{_part(_plain(claims))}"
        mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
        assert (await whoami(ats, f"{signed}.{_part(mac)}")).status_code == 401


async def test_another_algorithm_under_a_known_kid_is_refused(
    ats: httpx.AsyncClient, signer: Signer, claims: Claims
) -> None:
    rsa = generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode(claims, rsa, algorithm="RS256", headers={"kid": signer.kid, "typ": ACCESS_TOKEN})
    assert (await whoami(ats, token)).status_code == 401


@pytest.mark.parametrize("kid", ["unknown", "../../etc/passwd", "' OR 1=1 --", "", None, 7])
async def test_an_unknown_key_is_refused(kid: Any, ats: httpx.AsyncClient, claims: Claims) -> None:
    token = jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"typ": ACCESS_TOKEN})
    header = {"alg": "EdDSA", "typ": ACCESS_TOKEN, "kid": kid}
    assert (await whoami(ats, ".".join([_part(header), *token.split(".")[1:]]))).status_code == 401


async def test_a_key_that_the_token_itself_brings_is_not_read(
    ats: httpx.AsyncClient, signer: Signer, claims: Claims
) -> None:
    own = Ed25519PrivateKey.generate()
    brought = {
        "jku": "https://elsewhere.example/jwks.json",
        "x5u": "https://elsewhere.example/key.pem",
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": _part(own.public_key().public_bytes_raw())},
    }
    headers = {"kid": signer.kid, "typ": ACCESS_TOKEN, **brought}
    assert (await whoami(ats, jwt.encode(claims, own, algorithm="EdDSA", headers=headers))).status_code == 401


async def test_a_changed_claim_breaks_the_signature(ats: httpx.AsyncClient, signer: Signer, claims: Claims) -> None:
    head, _, signature = signer.token(claims).split(".")
    widened = _part(_plain(claims | {"employers": "region"}))
    assert (await whoami(ats, f"{head}.{widened}.{signature}")).status_code == 401


@pytest.mark.parametrize("kind", ["JWT", ASSERTION, None])
async def test_a_token_of_another_kind_is_refused(
    kind: str | None, ats: httpx.AsyncClient, signer: Signer, claims: Claims
) -> None:
    token = jwt.encode(claims, signer.key, algorithm="EdDSA", headers={"kid": signer.kid, "typ": kind})
    assert (await whoami(ats, token)).status_code == 401


@pytest.mark.parametrize("garbage", ["", "x", "a.b", "a.b.c", "a.b.c.d.e", "wls_unknown", "é" * 20])
async def test_garbage_is_refused_and_not_an_error(garbage: str, ats: httpx.AsyncClient) -> None:
    header = f"Bearer {garbage}".encode()
    answer = await ats.get("/v1/whoami", headers=[(b"authorization", header)])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_for_one_service_is_no_token_for_another(
    ats: httpx.AsyncClient, clearing: httpx.AsyncClient, signer: Signer, claims: Claims
) -> None:
    token = signer.token(claims | {"aud": [Service.ATS.value]})
    assert (await whoami(ats, token)).status_code == 200
    assert (await whoami(clearing, token)).status_code == 401


async def test_a_retired_key_vouches_only_for_what_it_signed_before(
    world: Any, ats_session: Any, signer: Signer, claims: Claims
) -> None:
    statement = update(verification_keys).where(verification_keys.c.kid == signer.kid)
    retired_at = datetime.now(UTC) - timedelta(minutes=5)
    await ats_session.execute(statement.values(retired_at=retired_at))
    async with world.client(Service.ATS) as ats:
        issued_before = claims | {"iat": retired_at - timedelta(minutes=1)}
        assert (await whoami(ats, signer.token(issued_before))).status_code == 200
        assert (await whoami(ats, signer.token(claims))).status_code == 401


async def test_a_token_that_was_good_is_refused_when_it_has_run_out(world: Any, signer: Signer, claims: Claims) -> None:
    sessions = world.sessions[Service.ATS]
    verifier = Verifier(VerificationKeys(), signer.issuer, Service.ATS)
    ended_at = datetime.now(UTC) - LEEWAY - timedelta(seconds=1)
    token = signer.token(claims | {"iat": ended_at - HOUR, "exp": ended_at})
    key = await verifier.keys.find(sessions, signer.kid)
    assert key is not None
    remembered = CheckedToken(principal_of(claims), ended_at, signer.kid, key)
    verifier.checked.keep(hashlib.sha256(token.encode()).digest(), remembered)
    with pytest.raises(TokenRefused):
        await verifier.access_token(sessions, token)


async def test_a_token_that_was_good_is_refused_when_its_key_is_withdrawn(
    world: Any, ats_session: Any, signer: Signer, claims: Claims
) -> None:
    sessions = world.sessions[Service.ATS]
    verifier = Verifier(VerificationKeys(), signer.issuer, Service.ATS)
    token = signer.token(claims)
    for _ in range(2):
        assert (await verifier.access_token(sessions, token)).id == UUID(claims["sub"])
    retired = update(verification_keys).where(verification_keys.c.kid == signer.kid)
    await ats_session.execute(retired.values(retired_at=datetime.now(UTC) - timedelta(minutes=5)))
    verifier.keys._read_at -= READ_AGAIN_SECONDS + 1
    with pytest.raises(TokenRefused):
        await verifier.access_token(sessions, token)


async def test_only_so_many_tokens_are_remembered(world: Any, signer: Signer) -> None:
    verifier = Verifier(VerificationKeys(), signer.issuer, Service.ATS, CheckedTokens(room=2))
    tokens = [signer.token(signer.claims(Scope.VACANCIES_READ)) for _ in range(3)]
    for token in tokens:
        await verifier.access_token(world.sessions[Service.ATS], token)
    remembered = [verifier.checked.get(hashlib.sha256(token.encode()).digest()) for token in tokens]
    assert [each is not None for each in remembered] == [False, True, True]


async def test_a_key_that_arrives_while_the_service_runs_is_found(world: Any) -> None:
    later = Signer()
    keys = VerificationKeys()
    sessions = world.sessions[Service.ATS]
    assert await keys.find(sessions, world.signer.kid) is not None
    await later.publish({Service.ATS: sessions})
    assert await keys.find(sessions, later.kid) is None, "the keys were read a moment ago: not again at once"
    keys._read_at -= ASK_AGAIN_SECONDS
    assert await keys.find(sessions, later.kid) is not None


def test_scopes_that_this_version_does_not_know_are_left_out() -> None:
    claims = {"sub": str(uuid4()), "scope": "vacancies:read moon:walk", "employers": ["SAW"]}
    assert principal_of(claims).scopes == {Scope.VACANCIES_READ}
