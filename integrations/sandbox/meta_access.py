"""Access tokens of the imitated Meta: valid for 60 days, renewed once they are a day old."""

from .forms import Form
from .meta_errors import GraphRefusal
from .platform import Clock, Database

DAY = 24 * 3600
LIFE = 60 * DAY
ACCESS_SCHEMA = "CREATE TABLE IF NOT EXISTS token (value TEXT PRIMARY KEY, issued REAL NOT NULL);"


class Tokens:
    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    def accept(self, value: str) -> None:
        self.database.run("INSERT OR IGNORE INTO token VALUES (?, ?)", value, self.clock.now())

    def replace(self, value: str) -> None:
        """Only this one is valid from now on."""
        with self.database.transaction():
            self.database.run("DELETE FROM token")
            self.accept(value)

    def age(self, seconds: float) -> None:
        self.database.run("UPDATE token SET issued = ?", self.clock.now() - seconds)

    def require(self, header: str, form: Form) -> str:
        """The token of a call. Raises GraphRefusal where it is missing, wrong or expired."""
        value = header.removeprefix("Bearer ").strip() or form.get("access_token")
        if not value:
            raise GraphRefusal(104, "An access token is required to request this resource.", status=401)
        rows = self.database.rows("SELECT issued FROM token WHERE value = ?", value)
        if not rows:
            raise GraphRefusal(190, f"Malformed access token {value}", status=401)
        if self.clock.now() - rows[0]["issued"] >= LIFE:
            raise self.expired()
        return value

    def expired(self) -> GraphRefusal:
        words = "Error validating access token: Session has expired."
        return GraphRefusal(190, words, subcode=463, status=401)

    def refresh(self, value: str) -> dict[str, object]:
        """A new token of the same life. The old one stays valid for its own time. Raises GraphRefusal."""
        issued = self.database.rows("SELECT issued FROM token WHERE value = ?", value)[0]["issued"]
        if self.clock.now() - issued < DAY:
            raise GraphRefusal(100, "The access token is younger than 24 hours and cannot be refreshed yet.")
        number = self.database.rows("SELECT COUNT(*) AS count FROM token")[0]["count"]
        newer = f"{value.split('-r', 1)[0]}-r{number}"
        self.accept(newer)
        return {"access_token": newer, "token_type": "bearer", "expires_in": LIFE}
