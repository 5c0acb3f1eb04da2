"""The secrets of an instance: made once, kept beside its data, readable by nobody else.

`python -m shared.embedded.secrets_file` prints a fresh set for the composed system.
"""

import base64
import os
import secrets
import sys
from pathlib import Path

from shared.embedded.problems import EmbeddedProblem
from shared.provision import SERVICES, password_variables

SECRETS_FILE = "secrets.env"
KEY_BYTES = 32
KEY_ID = "k1"
DEMO_PASSWORD = "DEMO_PASSWORD"  # noqa: S105 - a variable's name


def random_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def generate_secrets() -> dict[str, str]:
    """One value for every secret that provisioning, the services and the demonstration read, by variable name."""
    passwords = {name: secrets.token_urlsafe(24) for service in SERVICES for name in password_variables(service)}
    return passwords | {
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        "EVENT_KEYS": f"{KEY_ID}:{random_key()}",
        "SEAL_KEYS": ",".join(f"{service}.{KEY_ID}:{random_key()}" for service in sorted(SERVICES)),
        "SIGNING_KEY_SECRET": random_key(),
        "PERSON_KEY_SECRET": random_key(),
        "EQUALITY_SECRET": random_key(),
        "CURSOR_SECRET": random_key(),
        DEMO_PASSWORD: secrets.token_urlsafe(12),
    }


def kept_secrets(folder: Path) -> dict[str, str]:
    """The instance's secrets; what is missing (all of them, the first time) is made and stored first.

    A value in the environment is never written down here: it wins where the environment of a process is put together.
    """
    file = folder / SECRETS_FILE
    kept = read_secrets(file)
    missing = {name: value for name, value in generate_secrets().items() if name not in kept}
    if missing:
        kept |= missing
        _write(file, kept)
    return kept


def read_secrets(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise EmbeddedProblem(
            f"{file} belongs to another user: start as that user, or choose another data folder with WME_VAR."
        ) from None
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _write(file: Path, values: dict[str, str]) -> None:
    """Whole on the disk before anything relies on it: a database whose password is lost cannot be opened."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.writelines(f"{name}={value}\n" for name, value in values.items())
        output.flush()
        os.fsync(output.fileno())
    unfinished.replace(file)


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}={value}\n" for name, value in generate_secrets().items() if name != DEMO_PASSWORD)
