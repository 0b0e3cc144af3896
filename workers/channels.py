"""The ways a notice leaves the house. Each may deliver one twice, under the same id, never lose it.

Every channel sends the same document, a CloudEvent 1.0 in JSON: opaque ids, a duty's label, its
day, the office it is for. No subject and no person is named.
"""

import asyncio
import hmac
import json
import os
import ssl
import tempfile
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Protocol, Self
from urllib.parse import quote
from uuid import UUID

import httpx2

from workers.home import create_folder
from workers.quiet_hours import QuietHours
from workers.settings import SettingFault, Settings

CONTENT_TYPE: Final = "application/cloudevents+json"
LIMITS: Final = httpx2.Timeout(10, connect=5)  # seconds; a receiver takes down first, works later


@dataclass(frozen=True)
class Notice:
    """One row of the outbox."""

    notice_id: str
    position: int
    kind: str
    matter_id: UUID
    case_number: str | None
    obligation_id: str | None
    label: str | None
    article: str | None
    due_on: date | None
    to_role: str
    to_organ: str
    text: str
    raised_at: datetime

    def document(self) -> dict[str, Any]:
        """The notice as a CloudEvent: the same to the byte however often it is sent."""
        return {
            "specversion": "1.0",
            "id": self.notice_id,
            "source": "/notices",
            "type": f"cn.rongcuo.notice.{self.kind}.v1",
            "time": self.raised_at.isoformat(),
            "datacontenttype": "application/json",
            "data": {
                "position": self.position,
                "matter_id": str(self.matter_id),
                "case_number": self.case_number,
                "obligation_id": self.obligation_id,
                "label": self.label,
                "article": self.article,
                "due_on": self.due_on and self.due_on.isoformat(),
                "to_role": self.to_role,
                "to_organ": self.to_organ,
                "text": self.text,
            },
        }

    def body(self) -> bytes:
        return json.dumps(self.document(), ensure_ascii=False).encode()


class NotDelivered(Exception):  # noqa: N818
    """Why not: a status or the kind of an error, never what the other side answered."""


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    async def deliver(self, notice: Notice) -> None:
        """Hand it over, for good. Raises NotDelivered."""
        ...


class Folder:
    """A file for each notice, whole from the first moment it is seen; once is enough."""

    name = "folder"

    def __init__(self, path: Path) -> None:
        self.path = path

    async def deliver(self, notice: Notice) -> None:
        try:
            await asyncio.to_thread(self._write, notice)
        except OSError as error:
            raise NotDelivered(f"{type(error).__name__}：{error.strerror}") from error

    def _write(self, notice: Notice) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        create_folder(self.path, 0o700)
        place = self.path / f"{quote(notice.notice_id, safe='')}.json"
        body = notice.body()
        if place.exists() and place.read_bytes() == body:
            return
        descriptor, unfinished = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self.path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(place)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name too must outlive a loss of power
        finally:
            os.close(folder)


class Webhook:
    """A POST for each notice; any 2xx says that it has been taken."""

    name = "webhook"

    def __init__(self, url: str, secret: str | None = None) -> None:
        self._url = _web_address(url)
        self._secret = secret.encode() if secret else None
        self._trusted = ssl.create_default_context()

    async def deliver(self, notice: Notice) -> None:
        body = notice.body()
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Idempotency-Key": notice.notice_id,
            **self._signed(body),
        }
        try:
            async with (
                httpx2.AsyncClient(
                    verify=self._trusted, timeout=LIMITS, follow_redirects=False, trust_env=False
                ) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                status = answer.status_code  # what it says besides is not read
        except httpx2.HTTPError as error:
            raise NotDelivered(type(error).__name__) from error
        if not httpx2.codes.is_success(status):
            raise NotDelivered(f"HTTP {status}")

    def _signed(self, body: bytes) -> dict[str, str]:
        if self._secret is None:
            return {}
        at = int(time.time())
        signature = hmac.digest(self._secret, f"{at}.".encode() + body, "sha256").hex()
        return {"X-Rongcuo-Signature": f"t={at},v1={signature}"}


def _web_address(told: str) -> httpx2.URL:
    try:
        url = httpx2.URL(told)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingFault(
            "RONGCUO_NOTICES_WEBHOOK 须是 http:// 或 https:// 开头的网址"  # it may hold a token
        )
    return url


@dataclass(frozen=True)
class Outlets:
    """Where notices go, and when they do not."""

    channels: tuple[Channel, ...]
    quiet: QuietHours | None = None

    @classmethod
    def set_up(cls, settings: Settings, folder: Path | None = None) -> Self:
        """Those that are set; `folder` where no other is named. Raises SettingFault."""
        try:
            quiet = QuietHours.told(settings.quiet_hours)
        except ValueError as error:
            raise SettingFault(f"RONGCUO_QUIET_HOURS：{error}") from error
        channels: list[Channel] = []
        if place := settings.notices_folder or folder:
            if not place.is_absolute():
                raise SettingFault(f"RONGCUO_NOTICES_FOLDER 须是绝对路径，现为「{place}」")
            channels.append(Folder(place))
        if settings.notices_webhook:
            secret = settings.notices_secret
            channels.append(
                Webhook(settings.notices_webhook, secret.get_secret_value() if secret else None)
            )
        return cls(tuple(channels), quiet)
