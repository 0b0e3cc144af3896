"""Where a database is reached, told once, in the forms the two drivers want."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from psycopg.conninfo import make_conninfo


@dataclass(frozen=True)
class DatabaseAddress:
    """One database on one server; the role is named by whoever connects."""

    host: str  # a host name, or the folder of a Unix socket; asyncpg refuses a Path here
    port: int
    name: str
    password: str | None = field(default=None, repr=False)

    def asyncpg(self, role: str) -> dict[str, Any]:
        return self._parts("database", role)

    def psycopg(self, role: str) -> dict[str, Any]:
        return self._parts("dbname", role)

    def conninfo(self, role: str) -> str:
        return make_conninfo(**self.psycopg(role))

    def database(self, name: str) -> Self:
        """Another database on the same server."""
        return replace(self, name=name)

    def _parts(self, name_key: str, role: str) -> dict[str, Any]:
        parts = {"host": self.host, "port": self.port, name_key: self.name, "user": role}
        return parts if self.password is None else parts | {"password": self.password}
