"""Where the parts are: from the environment (`RONGCUO_…`), or nothing for the embedded stack.

In a container a setting may also be a file of that name in /run/secrets, as passwords are.
"""

from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from workers.addresses import DatabaseAddress

SECRETS = Path("/run/secrets")


class SettingFault(Exception):  # noqa: N818 (said to people)
    """A setting cannot be meant as it stands: the message names it and how it is written."""


class Settings(BaseSettings):
    """One frozen reading of the environment. `database_host` empty: the embedded home is used."""

    model_config = SettingsConfigDict(
        env_prefix="RONGCUO_",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,  # it warns of one that is not there
        frozen=True,
        extra="ignore",
    )

    home: Path | None = None
    policies: Path | None = None  # folder of the user's own instruments
    database_host: str = ""
    database_port: int = 5432
    database_name: str = "rongcuo"
    database_password: SecretStr | None = None
    migrator: str = "postgres"  # who may migrate; every other role has its own name
    temporal_address: str = ""
    temporal_namespace: str = "default"
    temporal_keys: Path | None = None
    api_host: str = "127.0.0.1"
    api_port: int = 8421
    notices_folder: Path | None = None
    notices_webhook: str = ""
    notices_secret: SecretStr | None = None  # what the webhook's calls are signed with
    log_key: Path | None = None  # the file of the key that signs the log; made where there is none
    log_hash: Literal["sha256", "sm3"] = "sha256"  # fixed with the first event sealed
    witness_folder: Path | None = None  # the book of a witness we reach as a folder
    witnesses: str = ""  # peers: 公钥 地址; 公钥 地址
    quiet_hours: str = ""  # 22:00-07:00
    closing_delay: NonNegativeInt = 0  # days after a period's last one until it is closed

    @property
    def database(self) -> DatabaseAddress | None:
        if not self.database_host:
            return None
        password = self.database_password
        return DatabaseAddress(
            self.database_host,
            self.database_port,
            self.database_name,
            password.get_secret_value() if password else None,
        )
