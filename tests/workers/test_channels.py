"""The ways out: a folder that never shows half a file, a webhook one can trust the sender of."""

import hmac
import json
import os
import socket
import stat
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr

from tests.support.receivers import Call, receiving
from workers import channels
from workers.channels import Folder, NotDelivered, Notice, Outlets, Webhook
from workers.settings import SettingFault, Settings

SECRET = "a key of the receiver's"  # noqa: S105 (a test's)
MATTER = UUID(int=7)
NOTICE = Notice(
    notice_id=f"{MATTER}/12",
    position=40,
    kind="overdue",
    matter_id=MATTER,
    case_number="例〔2026〕1号",
    obligation_id="answer-1",
    label="反馈答复",
    article="第七条",
    due_on=date(2026, 3, 9),
    to_role="承办人",
    to_organ="personnel",
    text="逾期：案件例〔2026〕1号的「反馈答复」（第七条）已于2026年3月9日届满。",
    raised_at=datetime(2026, 3, 9, 16, tzinfo=UTC),
)


def test_every_channel_sends_a_cloud_event_of_version_one() -> None:
    assert NOTICE.document() == {
        "specversion": "1.0",
        "id": "00000000-0000-0000-0000-000000000007/12",
        "source": "/notices",
        "type": "cn.rongcuo.notice.overdue.v1",
        "time": "2026-03-09T16:00:00+00:00",
        "datacontenttype": "application/json",
        "data": {
            "position": 40,
            "matter_id": "00000000-0000-0000-0000-000000000007",
            "case_number": "例〔2026〕1号",
            "obligation_id": "answer-1",
            "label": "反馈答复",
            "article": "第七条",
            "due_on": "2026-03-09",
            "to_role": "承办人",
            "to_organ": "personnel",
            "text": "逾期：案件例〔2026〕1号的「反馈答复」（第七条）已于2026年3月9日届满。",
        },
    }


# ---- folder ------------------------------------------------------------------------------------


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def test_a_notice_is_one_file_in_a_folder_of_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "notices"
    await Folder(folder).deliver(NOTICE)
    (name,) = files(folder)
    assert name == "00000000-0000-0000-0000-000000000007%2F12.json"
    assert json.loads((folder / name).read_bytes()) == NOTICE.document()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


async def test_a_notice_delivered_twice_is_the_same_file_untouched(tmp_path: Path) -> None:
    await Folder(tmp_path).deliver(NOTICE)
    (name,) = files(tmp_path)
    before = (tmp_path / name).stat()
    await Folder(tmp_path).deliver(NOTICE)
    assert files(tmp_path) == [name]
    assert (tmp_path / name).stat() == before


async def test_a_file_is_whole_and_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bytes] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            synced.append(os.pread(descriptor, 10_000, 0))
            assert not [*tmp_path.glob("*.json")]
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    await Folder(tmp_path).deliver(NOTICE)
    assert synced == [NOTICE.body()]
    assert len(files(tmp_path)) == 1


async def test_control_a_file_written_in_place_would_be_seen_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class InPlace(Folder):
        def _write(self, notice: Notice) -> None:
            place = self.path / "in place.json"
            with place.open("wb") as file:
                file.write(notice.body())
                os.fsync(file.fileno())

    seen: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.extend(tmp_path.glob("*.json")))
    await InPlace(tmp_path).deliver(NOTICE)
    assert seen


async def test_a_write_cut_off_leaves_no_file_and_can_be_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(NotDelivered, match=r"^OSError：No space left on device$"):
            await Folder(tmp_path).deliver(NOTICE)
    assert files(tmp_path) == []
    await Folder(tmp_path).deliver(NOTICE)
    assert len(files(tmp_path)) == 1


async def test_a_folder_that_cannot_be_is_not_delivered_and_names_no_path(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(NotDelivered) as refusal:
        await Folder(tmp_path / "taken" / "notices").deliver(NOTICE)
    assert "taken" not in str(refusal.value)


# ---- webhook -----------------------------------------------------------------------------------


def signed(call: Call, secret: str) -> bool:
    """What a receiver does: the signature over the time and the bytes as they came."""
    parts = dict(part.split("=") for part in call.headers["X-Rongcuo-Signature"].split(","))
    fresh = abs(time.time() - int(parts["t"])) < timedelta(minutes=5).total_seconds()
    wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + call.body, sha256).hexdigest()
    return fresh and hmac.compare_digest(wanted, parts["v1"])


@pytest.mark.parametrize("status", [200, 202, 204, 299])
async def test_any_2xx_says_that_it_was_taken(status: int) -> None:
    with receiving(statuses=[status]) as receiver:
        await Webhook(receiver.url, SECRET).deliver(NOTICE)
    (call,) = receiver.calls
    assert json.loads(call.body) == NOTICE.document()
    assert call.headers["Content-Type"] == "application/cloudevents+json"
    assert call.headers["Idempotency-Key"] == NOTICE.notice_id


async def test_a_receiver_with_the_secret_knows_the_sender_and_the_body() -> None:
    with receiving() as receiver:
        await Webhook(receiver.url, SECRET).deliver(NOTICE)
    (call,) = receiver.calls
    assert signed(call, SECRET)
    assert not signed(call, "another")
    assert not signed(Call(call.headers, call.body.replace(b"7", b"8")), SECRET)


async def test_without_a_secret_nothing_pretends_to_be_signed() -> None:
    with receiving() as receiver:
        await Webhook(receiver.url).deliver(NOTICE)
    (call,) = receiver.calls
    assert call.headers["X-Rongcuo-Signature"] is None


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_any_other_answer_is_kept_by_its_number_and_never_by_its_words(status: int) -> None:
    with (
        receiving(statuses=[status], says="邓某不在".encode()) as receiver,
        pytest.raises(NotDelivered, match=f"^HTTP {status}$"),
    ):
        await Webhook(receiver.url, SECRET).deliver(NOTICE)


async def test_after_a_failure_the_same_call_is_made_again() -> None:
    with receiving(statuses=[500]) as receiver:
        webhook = Webhook(receiver.url, SECRET)
        with pytest.raises(NotDelivered):
            await webhook.deliver(NOTICE)
        await webhook.deliver(NOTICE)
    assert receiver.ids() == [NOTICE.notice_id] * 2
    assert len({call.body for call in receiver.calls}) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        receiving() as elsewhere,
        receiving(statuses=[status], location=elsewhere.url) as receiver,
        pytest.raises(NotDelivered, match=f"^HTTP {status}$"),
    ):
        await Webhook(receiver.url, SECRET).deliver(NOTICE)
    assert elsewhere.calls == []


async def test_control_one_that_follows_would_tell_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Follows(httpx2.AsyncClient):
        def __init__(self, **told: Any) -> None:
            super().__init__(**{**told, "follow_redirects": True})

    monkeypatch.setattr(httpx2, "AsyncClient", Follows)
    with (
        receiving() as elsewhere,
        receiving(statuses=[307], location=elsewhere.url) as receiver,
    ):
        await Webhook(receiver.url, SECRET).deliver(NOTICE)
    assert len(elsewhere.calls) == 1


async def test_a_receiver_that_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels, "LIMITS", httpx2.Timeout(0.2))
    with receiving() as receiver:
        receiver.hold()
        with pytest.raises(NotDelivered, match=r"^ReadTimeout$"):
            await Webhook(receiver.url, SECRET).deliver(NOTICE)


async def test_nobody_listening_is_told_by_the_kind_of_the_error() -> None:
    with socket.socket() as held:  # bound, and listening to nobody
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/secret-path"
        with pytest.raises(NotDelivered, match=r"^ConnectError$"):
            await Webhook(url, SECRET).deliver(NOTICE)


# ---- what is set -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "example.org", "//example.org", "http://", "https:", "‥"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingFault, match="RONGCUO_NOTICES_WEBHOOK 须是 http"):
        Outlets.set_up(Settings(notices_webhook=url))


def test_an_address_that_is_refused_is_not_repeated_for_it_may_hold_a_token() -> None:
    with pytest.raises(SettingFault) as refusal:
        Outlets.set_up(Settings(notices_webhook="htps://example.org/send?key=token"))
    assert "token" not in str(refusal.value)


def test_quiet_hours_that_cannot_be_read_are_refused_by_their_setting() -> None:
    with pytest.raises(SettingFault, match="RONGCUO_QUIET_HOURS：静默时段「晚上」"):
        Outlets.set_up(Settings(quiet_hours="晚上"))


def test_a_folder_is_named_from_the_root() -> None:
    with pytest.raises(SettingFault, match="RONGCUO_NOTICES_FOLDER"):
        Outlets.set_up(Settings(notices_folder=Path("notices")))


def test_only_what_is_set_is_delivered_to(tmp_path: Path) -> None:
    assert Outlets.set_up(Settings()).channels == ()
    told = Settings(notices_webhook="https://example.org/hook", notices_secret=SecretStr(SECRET))
    names = [each.name for each in Outlets.set_up(told, folder=tmp_path).channels]
    assert names == ["folder", "webhook"]


def test_a_folder_that_is_set_takes_the_place_of_the_one_in_the_home(tmp_path: Path) -> None:
    set_up = Outlets.set_up(Settings(notices_folder=tmp_path / "own"), folder=tmp_path / "home")
    (folder,) = set_up.channels
    assert isinstance(folder, Folder)
    assert folder.path == tmp_path / "own"
