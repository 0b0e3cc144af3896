"""The production files agree with one another and with the code, and give nothing away.

Read by `docker compose` where there is one, else as plain YAML: no test here is ever skipped.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from gateway.cli import app
from workers.codec import Keys
from workers.embedded_postgres import EmbeddedPostgres
from workers.migrate import migrate
from workers.postgres_cluster import PROGRAMS, wheel_package
from workers.settings import Settings

ROOT = Path(__file__).parents[1]
OURS = "rongcuo:"
Service = dict[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to deploy from, with the secrets made as the manual says."""
    folder = tmp_path_factory.mktemp("deployment")
    shutil.copy(ROOT / "docker-compose.yml", folder)
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    block = re.search(r"### 制作密钥.*?```sh\n(.*?)```", manual, re.DOTALL)
    assert block
    subprocess.run(["/bin/sh", "-c", block[1]], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def deployment(place: Path) -> dict[str, Any]:
    compose = ["docker", "compose"]
    if shutil.which("docker") and not subprocess.run([*compose, "version"], check=False).returncode:
        read = subprocess.run(
            [*compose, "--profile", "desk", "config", "--format", "json"],
            cwd=place,
            env={**os.environ, "COMPOSE_FILE": "docker-compose.yml"},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        loaded: dict[str, Any] = json.loads(read)
    else:
        loaded = yaml.safe_load((place / "docker-compose.yml").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def services(deployment: dict[str, Any]) -> dict[str, Service]:
    found: dict[str, Service] = deployment["services"]
    assert {"events-db", "temporal", "migrate", "follower", "worker", "timekeeper"} <= found.keys()
    return found


def ours(services: dict[str, Service]) -> Iterator[tuple[str, Service]]:
    return ((name, each) for name, each in services.items() if each["image"].startswith(OURS))


def runs_once(service: Service) -> bool:
    return bool(service["restart"] == "no")


def secrets_of(service: Service) -> dict[str, str]:
    """Each secret a service holds, by the name of its file under /run/secrets."""
    told = [
        {"source": each} if isinstance(each, str) else each for each in service.get("secrets", [])
    ]
    return {Path(each.get("target", each["source"])).name: each["source"] for each in told}


def test_every_service_runs_once_or_is_checked(services: dict[str, Service]) -> None:
    for name, service in services.items():
        assert runs_once(service) or service.get("healthcheck"), name
        assert service["restart"] in {"no", "unless-stopped"}, name


def test_every_image_has_an_exact_version(services: dict[str, Service]) -> None:
    images = [service["image"] for service in services.values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    for image in images:
        assert re.search(r":\d+\.\d+", image), image
        assert "latest" not in image


def test_the_servers_of_temporal_and_its_tools_are_of_one_version(
    services: dict[str, Service],
) -> None:
    tags = {
        service["image"].partition(":")[2]
        for service in services.values()
        if service["image"].startswith(("temporalio/server", "temporalio/admin-tools"))
    }
    assert len(tags) == 1


def test_nothing_is_published_beyond_this_machine(services: dict[str, Service]) -> None:
    published = {name: each["ports"] for name, each in services.items() if each.get("ports")}
    assert published.keys() == {"temporal-ui", "api"}
    assert {port["host_ip"] for ports in published.values() for port in ports} == {"127.0.0.1"}
    assert not any("network_mode" in service for service in services.values())


def test_no_password_stands_in_the_file(
    deployment: dict[str, Any], services: dict[str, Service], place: Path
) -> None:
    for name, service in services.items():
        for setting in service.get("environment") or {}:
            if re.search("PASSW|PWD|SECRET|TOKEN", setting):
                assert setting.endswith("_FILE"), (name, setting)
    for name, secret in deployment["secrets"].items():
        assert (place / secret["file"]) == place / "secrets" / name


def test_the_manual_makes_every_secret_and_keeps_them_to_their_owner(
    deployment: dict[str, Any], place: Path
) -> None:
    folder = place / "secrets"
    made = {file.name for file in folder.iterdir()} - {".gitignore"}
    assert made == deployment["secrets"].keys()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".gitignore").read_text("utf-8") == "*\n"
    passwords = {file.read_text("utf-8") for file in folder.glob("*_password")}
    assert len(passwords) == len(made) - 2
    assert all(re.fullmatch("[0-9a-f]{48}", password) for password in passwords)
    assert len(Keys.kept_in(folder / "temporal_keys").keys["k1"]) == 32
    assert re.fullmatch("[0-9a-f]{64}", (folder / "notices_secret").read_text("utf-8"))


def test_our_services_are_confined(services: dict[str, Service]) -> None:
    for name, service in ours(services):
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"] == "10001:10001", name
        assert runs_once(service) or service["stop_grace_period"] == "30s", name


def test_each_service_is_given_the_password_of_its_own_role_only(
    services: dict[str, Service],
) -> None:
    held = {name: secrets_of(service) for name, service in ours(services)}
    roles = {name: each["rongcuo_database_password"] for name, each in held.items()}
    assert roles == {
        "migrate": "events_admin_password",
        "follower": "events_projector_password",
        "timekeeper": "events_projector_password",
        "notifier": "events_notifier_password",
        "worker": "events_writer_password",
        "api": "events_reader_password",
        "sealer": "events_sealer_password",
        "auditor": "events_auditor_password",
        "desk": "events_reader_password",
    }
    with_keys = {name for name, each in held.items() if "temporal_keys" in each}
    assert with_keys == {"worker", "timekeeper", "notifier"}
    with_secret = {name for name, each in held.items() if "rongcuo_notices_secret" in each}
    assert with_secret == {"notifier"}
    assert {name for name, each in held.items() if len(each) > 2} == {"notifier"}


def test_a_secret_is_a_setting_and_settings_have_the_names_used(
    services: dict[str, Service], tmp_path: Path
) -> None:
    (tmp_path / "rongcuo_database_password").write_text("from a file\n", "utf-8")
    settings = Settings(_secrets_dir=tmp_path)
    assert settings.database_password is not None
    assert settings.database_password.get_secret_value() == "from a file"
    known = {f"RONGCUO_{name.upper()}" for name in Settings.model_fields}
    for _, service in ours(services):
        assert service["environment"].keys() <= known


def test_two_services_can_write_where_they_are_told_to_and_nobody_else_can(
    services: dict[str, Service],
) -> None:
    told = services["notifier"]["environment"] | services["sealer"]["environment"]
    folders = {
        told["RONGCUO_NOTICES_FOLDER"],
        str(Path(told["RONGCUO_LOG_KEY"]).parent),
        told["RONGCUO_WITNESS_FOLDER"],
    }
    assert folders == {"/notices", "/seal", "/witness"}
    made = re.search(
        r"install -d -o 10001 -g 10001 -m 0700 (.+)", (ROOT / "Dockerfile").read_text()
    )
    assert made
    assert {*made[1].split()} == folders
    with_volumes = {name for name, _ in ours(services) if services[name].get("volumes")}
    assert with_volumes == {"notifier", "sealer"}


def test_every_command_it_runs_exists(services: dict[str, Service]) -> None:
    for name, service in ours(services):
        app.parse_args(service["command"], exit_on_error=False, print_error=False)
        if not runs_once(service):
            _, program, *command = service["healthcheck"]["test"]
            assert program == "rongcuo"
            assert command == ["doctor", "--only", name]
            app.parse_args(command, exit_on_error=False, print_error=False)


def test_services_start_after_what_they_need(services: dict[str, Service]) -> None:
    for name, service in services.items():
        for needed, how in (service.get("depends_on") or {}).items():
            once = "service_completed_successfully" if runs_once(services[needed]) else None
            assert how["condition"] == (once or "service_healthy"), (name, needed)
    assert services["roles"]["depends_on"].keys() == {"migrate"}
    for name in ("follower", "worker", "timekeeper", "notifier", "api"):
        assert "roles" in services[name]["depends_on"], name
    for name in ("worker", "timekeeper", "notifier"):
        assert "temporal-namespace" in services[name]["depends_on"], name


def test_the_log_and_temporal_do_not_meet(
    deployment: dict[str, Any], services: dict[str, Service]
) -> None:
    on = {
        network: {name for name, service in services.items() if network in service["networks"]}
        for network in deployment["networks"]
    }
    assert on["events"] & on["temporal"] == {"worker", "timekeeper", "notifier", "api"}
    assert not on["events"] & on["temporal-store"]
    assert on["console"] == {"temporal-ui", "api"}
    assert on["outside"] == {"notifier", "sealer"}
    inside = {name for name, told in deployment["networks"].items() if told.get("internal")}
    assert inside == {"events", "temporal", "temporal-store"}


async def test_the_six_roles_log_in_with_the_passwords_of_the_secrets(
    services: dict[str, Service], place: Path, postgres: EmbeddedPostgres
) -> None:
    address = await postgres.create_database("test_compose")
    await migrate(address)
    script = services["roles"]["command"][-1].replace("$$", "$")
    await asyncio.to_thread(
        subprocess.run,
        ["/bin/sh", "-euc", script.replace("/run/secrets", str(place / "secrets"))],
        env={
            "PATH": f"{wheel_package() / PROGRAMS / 'bin'}:{os.environ['PATH']}",
            "PGHOST": address.host,
            "PGUSER": "postgres",
            "PGDATABASE": address.name,
        },
        check=True,
    )
    connection = await asyncpg.connect(**address.asyncpg("postgres"))
    stored = await connection.fetch(
        "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'rongcuo_%' AND rolcanlogin"
    )
    await connection.close()
    assert len(stored) == 6
    for role, verifier in stored:
        secret = place / "secrets" / f"{role.replace('rongcuo', 'events')}_password"
        assert _opens(secret.read_text("utf-8"), verifier), role
        assert not _opens("another", verifier)


def _opens(password: str, verifier: str) -> bool:
    """Whether PostgreSQL's SCRAM verifier was made from this password."""
    rounds, salt, stored, _ = re.split("[:$]", verifier.removeprefix("SCRAM-SHA-256$"))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(key).digest() == base64.b64decode(stored)


def test_the_image_is_made_of_the_sources_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    sources = {
        *project["tool"]["uv"]["build-backend"]["module-name"],
        *project["project"]["license-files"],
        *(project["project"]["readme"], "pyproject.toml"),
    }
    recipe = (ROOT / "Dockerfile").read_text("utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", recipe, re.MULTILINE)
    assert {name for line in copied for name in line.split()} == sources
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == sources
    assert "*" in ignored


def test_the_manual_names_every_service(services: dict[str, Service]) -> None:
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [name for name in services if f"| `{name}`" not in manual] == []
