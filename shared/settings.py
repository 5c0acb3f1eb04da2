"""What a process is told from outside: environment variables, typed, missing ones named at start."""

from __future__ import annotations

import base64
import binascii
import os
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretBytes, SecretStr, ValidationError, field_validator, model_validator

from shared.pages import PageSettings
from shared.vocabulary import Service

# A reserved domain (RFC 2606): no mail server outside takes it, so a real installation has to name its own.
DEFAULT_MAIL_FROM = "West Midlands Recruitment <no-reply@recruitment.example>"
DEFAULT_PORTS = {Service.ATS: 8001, Service.NOTIFICATIONS: 8002, Service.CLEARING: 8003}


class Mode(StrEnum):
    """`embedded` is one machine with the parts that `make run` starts; `production` is everything else."""

    EMBEDDED = "embedded"
    PRODUCTION = "production"


class SettingsMissing(Exception):
    """A setting is absent or malformed. The message names the variables, never their values."""


class Settings(BaseModel):
    """The settings of one process of one service. No repr of secrets; nothing else reads the environment."""

    model_config = ConfigDict(frozen=True)

    service: Service
    mode: Mode = Mode.PRODUCTION
    data_folder: Path | None = None
    database_url: str
    direct_database_url: str
    redis_url: str
    smtp_url: str | None = None
    # Of ats: where candidates' documents lie, and who scans them.
    documents_url: str | None = None
    clamav_url: str | None = None
    mail_from: str = DEFAULT_MAIL_FROM
    port: int
    bind_host: str = "127.0.0.1"
    metrics_port: int | None = None
    public_urls: dict[Service, str]
    event_keys: dict[str, SecretBytes]
    seal_keys: dict[str, SecretBytes]
    signing_key_secret: SecretBytes | None = None
    equality_secret: SecretBytes | None = None
    person_key_secret: SecretBytes
    cursor_secret: SecretBytes
    demo_password: SecretStr | None = None
    pool_size: int = 10
    prepare_statements: bool = True
    cors_origins: tuple[str, ...] = ()
    rate_limit_per_minute: int = 6000
    behind_proxies: int = 0
    queue_keep_seconds: int = 86_400
    resend_seconds: tuple[float, float] = (2.0, 300.0)
    pages: PageSettings

    @field_validator("event_keys", "seal_keys")
    @classmethod
    def _keys_are_long_enough(cls, keys: dict[str, SecretBytes]) -> dict[str, SecretBytes]:
        if not keys or any(len(key.get_secret_value()) != 32 for key in keys.values()):
            raise ValueError("needs at least one key, each of 32 bytes")
        return keys

    @model_validator(mode="after")
    def _embedded_needs_a_folder(self) -> Self:
        if self.mode is Mode.EMBEDDED and self.data_folder is None:
            raise ValueError("WME_MODE=embedded needs WME_VAR")
        if self.mode is Mode.PRODUCTION and self.data_folder is not None and self.clock_file.exists():
            raise ValueError("a moved clock was found under WME_VAR: only WME_MODE=embedded may have one")
        return self

    @property
    def mail_address(self) -> str:
        """The address alone of whom our mail comes from."""
        return parseaddr(self.mail_from)[1]

    @property
    def is_embedded(self) -> bool:
        return self.mode is Mode.EMBEDDED

    @property
    def clock_file(self) -> Path:
        if self.data_folder is None:
            raise SettingsMissing("WME_VAR is not set")
        return self.data_folder / "clock.json"

    @property
    def public_url(self) -> str:
        return self.public_urls[self.service]

    @classmethod
    def from_environment(cls, service: Service) -> Self:
        """Read the environment. Raises SettingsMissing with the names of what is absent or wrong."""
        env = os.environ
        prefix = service.value.upper()
        url = env.get(f"{prefix}_DATABASE_URL", "")
        try:
            return cls(
                service=service,
                mode=Mode(env.get("WME_MODE", Mode.PRODUCTION)),
                data_folder=Path(env["WME_VAR"]) if env.get("WME_VAR") else None,
                database_url=_required(url, f"{prefix}_DATABASE_URL"),
                direct_database_url=env.get(f"{prefix}_DIRECT_DATABASE_URL") or url,
                redis_url=_required(env.get("REDIS_URL", ""), "REDIS_URL"),
                smtp_url=env.get("SMTP_URL") or None,
                mail_from=env.get("MAIL_FROM") or DEFAULT_MAIL_FROM,
                **_document_settings(service),
                port=int(env.get(f"{prefix}_PORT", DEFAULT_PORTS[service])),
                bind_host=env.get("BIND_HOST", "127.0.0.1"),
                metrics_port=int(env["METRICS_PORT"]) if env.get("METRICS_PORT") else None,
                pages=_page_settings(service),
                public_urls={each: _public_url(each) for each in Service},
                event_keys=_keys("EVENT_KEYS"),
                seal_keys=_keys("SEAL_KEYS"),
                signing_key_secret=_secret("SIGNING_KEY_SECRET") if service is Service.ATS else None,
                equality_secret=_secret("EQUALITY_SECRET") if service is Service.ATS else None,
                person_key_secret=_secret("PERSON_KEY_SECRET"),
                cursor_secret=_secret("CURSOR_SECRET"),
                demo_password=SecretStr(env["DEMO_PASSWORD"]) if env.get("DEMO_PASSWORD") else None,
                pool_size=int(env.get("DATABASE_POOL_SIZE", "10")),
                prepare_statements=env.get("DATABASE_PREPARE", "on") != "off",
                cors_origins=tuple(filter(None, env.get("CORS_ORIGINS", "").split(","))),
                rate_limit_per_minute=int(env.get("RATE_LIMIT_PER_MINUTE", "6000")),
                behind_proxies=int(env.get("BEHIND_PROXIES", "0")),
                queue_keep_seconds=int(env.get("QUEUE_KEEP_SECONDS", "86400")),
                resend_seconds=_pair(env.get("RESEND_SECONDS", "2-300"), "RESEND_SECONDS"),
            )
        except ValidationError as error:
            raise SettingsMissing(_named(error)) from None
        except ValueError as error:
            raise SettingsMissing(str(error)) from None


def _named(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}" for each in error.errors())


def _required(value: str, name: str) -> str:
    if not value:
        raise SettingsMissing(f"{name} is not set")
    return value


def _pair(value: str, name: str) -> tuple[float, float]:
    """Read `first-longest`, such as the pauses before a letter is sent again."""
    first, _, longest = value.partition("-")
    try:
        return float(first), float(longest)
    except ValueError:
        raise SettingsMissing(f"{name} must be two numbers of seconds, such as 2-300") from None


def _public_url(service: Service) -> str:
    name = service.value.upper()
    port = os.environ.get(f"{name}_PORT", str(DEFAULT_PORTS[service]))
    return os.environ.get(f"{name}_PUBLIC_URL") or f"http://127.0.0.1:{port}"


def _page_settings(service: Service) -> PageSettings:
    """Signing in walks between our own services: their addresses are the only form targets beside a page's own."""
    env = os.environ
    return PageSettings(
        form_targets=tuple(_public_url(each) for each in Service if each is not service),
        stylesheet=Path(env["STYLESHEET"]) if env.get("STYLESHEET") else None,
        **({"brand": env["BRAND_COLOUR"]} if env.get("BRAND_COLOUR") else {}),
    )


def _document_settings(service: Service) -> dict[str, str | None]:
    """In a folder of the data, where there is one and nothing else is said."""
    if service is not Service.ATS:
        return {}
    env = os.environ
    folder = Path(env["WME_VAR"]).absolute() / "documents" if env.get("WME_VAR") else None
    documents_url = env.get("DOCUMENTS_URL") or (folder.as_uri() if folder is not None else None)
    return {"documents_url": documents_url, "clamav_url": env.get("CLAMAV_URL") or None}


def _secret(name: str) -> SecretBytes:
    return _decoded(_required(os.environ.get(name, ""), name), name)


def _keys(name: str) -> dict[str, SecretBytes]:
    """Read `kid:base64,kid:base64`; the first is the one to write with."""
    pairs = (each.strip().partition(":") for each in _required(os.environ.get(name, ""), name).split(","))
    return {kid: _decoded(value, name) for kid, _, value in pairs}


def _decoded(value: str, name: str) -> SecretBytes:
    try:
        return SecretBytes(base64.b64decode(value, validate=True))
    except binascii.Error:
        raise SettingsMissing(f"{name} is not base64") from None
