"""Every environment variable of the product, typed, with its default and its reason.

`docs/operations.md` lists them for operators; a variable that is missing there fails a test.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parents[2]

CommaSeparated = Annotated[list[str], NoDecode]


class Environment(BaseSettings):
    """What the deployment decides. Names are the variables' names, in capitals."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=True)

    SECRET_KEY: str = Field(min_length=20, description="Django's signing key.")
    ALLOWED_HOSTS: CommaSeparated = ["127.0.0.1", "localhost"]
    DATA_DIR: Path = Field(BASE_DIR / ".local" / "demo", description="media/ and site/ live here.")
    DATABASE_URL: str = Field("", description="postgres://… or sqlite:///…; empty: SQLite in DATA_DIR.")
    REDIS_URL: str = Field("redis://127.0.0.1:6390/0", description="Broker, cache and rate limits.")
    CMS_URL: str = Field("http://127.0.0.1:8000", description="Where editors open the admin.")
    SITE_URL: str = Field("http://127.0.0.1:8080", description="Where visitors open the site.")
    RENDERER_URL: str = Field("http://127.0.0.1:3100", description="The internal Nuxt renderer.")
    NBRB_URL: str = Field("https://api.nbrb.by", description="The National Bank's rates; empty: typed in only.")
    SANDBOX_URL: str = Field("", description="The marketplace sandbox of demo and tests; empty in production.")
    CREDENTIALS_KEYS: CommaSeparated = Field(
        default=[], description="Fernet keys of channel credentials; the first encrypts, all decrypt."
    )
    EDIT_DELAY: float = Field(60, ge=0, description="Seconds that changes of a post wait, so that many are one edit.")
    CALLS_PER_CHANNEL: int = Field(4, ge=1, description="Calls of one channel at a time, of all that workers make.")
    EMAIL_HOST: str = ""
    EMAIL_PORT: int = 25
    EMAIL_HOST_USER: str = ""
    EMAIL_HOST_PASSWORD: str = ""
    EMAIL_USE_TLS: bool = False
    EMAIL_FILE_PATH: str = Field("", description="Write mails as files into this folder instead of sending.")
    DEFAULT_FROM_EMAIL: str = "Avtofamily <noreply@avtofamily.example>"
    LOG_LEVEL: str = "INFO"
    LOG_STYLE: Literal["plain", "json"] = "plain"
    DEMO: bool = Field(False, description="Allows demo users with known passwords.")

    @field_validator("ALLOWED_HOSTS", "CREDENTIALS_KEYS", mode="before")
    @classmethod
    def split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value
