"""docker-compose.yml and Dockerfile are consistent with each other and with the application."""

import re
from typing import Any

import pytest

from backend.settings import Settings
from models.core.weights.sources import SOURCES
from tests.application import ROOT
from tests.deployment.compose import SECRETS, config, services
from workers.cli.main import COMMANDS
from workers.supervisor.supervisor import STOP_ORDER

GLASSBOX = ("api", "predict", "train", "predict-gpu", "train-gpu")
WORKERS = GLASSBOX[1:]


def test_docker_compose_accepts_the_file() -> None:
    done = config("--profile", "gpu", "config", "--quiet", **SECRETS)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("missing", SECRETS)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_secret_is_an_error(missing: str, value: str | None) -> None:
    others = {name: text for name, text in SECRETS.items() if name != missing}
    done = config("config", "--quiet", **others, **({} if value is None else {missing: value}))

    assert done.returncode != 0
    assert f"{missing} is missing a value: set {missing} in .env" in done.stderr


def test_the_example_holds_no_secret() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")

    assert set(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE)) == {(name, "") for name in SECRETS}


def test_the_gpu_workers_start_only_with_their_profile() -> None:
    without = config("config", "--services", **SECRETS).stdout.split()

    assert sorted(without) == ["api", "postgres", "predict", "redis", "train"]
    for name in ("predict-gpu", "train-gpu"):
        assert services()[name]["profiles"] == ["gpu"]
        [device] = services()[name]["deploy"]["resources"]["reservations"]["devices"]
        assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])


@pytest.mark.parametrize("name", GLASSBOX)
def test_every_variable_is_a_setting(name: str) -> None:
    known = {f"GLASSBOX_{field.upper()}" for field in Settings.model_fields}

    assert set(services()[name]["environment"]) - known == set()


@pytest.mark.parametrize("name", GLASSBOX)
def test_commands_and_health_checks_are_commands_of_glassbox(name: str) -> None:
    service = services()[name]
    command, check = service["command"], service["healthcheck"]["test"]

    assert command[0] == "glassbox"
    assert command[1] in COMMANDS
    assert check[:3] == ["CMD", "glassbox", "health"]
    assert check[3] == {"serve": "api"}.get(command[1], command[-1])


@pytest.mark.parametrize("name", [*GLASSBOX, "redis", "postgres"])
def test_every_service_is_monitored_restarted_and_limits_its_logs(name: str) -> None:
    service = services()[name]

    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"]["max-file"] == "3"
    assert service["healthcheck"]["test"][0] == "CMD", "without a shell"


@pytest.mark.parametrize("name", WORKERS)
def test_workers_have_time_to_drain_and_wait_for_migrations(name: str) -> None:
    service = services()[name]

    assert seconds(service["stop_grace_period"]) >= STOP_ORDER[0][1]
    assert service["init"] is True
    assert service["depends_on"]["api"]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", GLASSBOX)
def test_containers_have_minimal_privileges(name: str) -> None:
    service = services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["tmpfs"] == ["/tmp:size=128m"]  # noqa: S108  in memory: nothing large may be there
    assert [volume["target"] for volume in service["volumes"]] == ["/data"]


def test_only_the_api_is_published_and_only_on_this_machine() -> None:
    ports = {name: service["ports"] for name, service in services().items() if "ports" in service}

    assert list(ports) == ["api"]
    assert ports["api"][0]["host_ip"] == "127.0.0.1"


def seconds(duration: str) -> int:
    """Compose writes 1m0s."""
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", duration)
    assert found, duration
    return int(found[1] or 0) * 60 + int(found[2] or 0)


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest) for word, _, rest in (line.strip().partition(" ") for line in lines if line.strip())]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for word, rest in instructions():
        if word == "FROM":
            current = found.setdefault(rest.split(" AS ")[1], [("FROM", rest.split(" AS ")[0])])
        current.append((word, rest))
    return found


@pytest.mark.parametrize("name", GLASSBOX)
def test_images_are_built_from_stages_that_exist(name: str) -> None:
    build: dict[str, Any] = services()[name]["build"]

    assert build["target"] in stages()
    declared = {rest.partition("=")[0] for word, rest in instructions() if word == "ARG"}
    assert set(build.get("args", {})) <= declared


@pytest.mark.parametrize("target", ["api", "worker"])
def test_images_run_unprivileged_and_stop_on_a_signal(target: str) -> None:
    given = dict(stages()[target])

    assert given["USER"] == "glassbox"
    assert given["CMD"].startswith('["glassbox", ')
    assert 'CMD ["glassbox", "health", ' in given["HEALTHCHECK"]
    assert dict(stages()["runtime"])["STOPSIGNAL"] == "SIGTERM"


def test_copied_files_exist_and_are_sent_to_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    sources = [
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]

    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if f"!{source.split('/')[0]}" not in ignored] == []


def test_the_image_fetches_the_package_of_the_table() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    named = re.search(r"^ARG DETECTOR_PACKAGE=(\S+)$", text, re.MULTILINE)

    assert named is not None
    assert named[1] == SOURCES["nanodet-g"].identity
    assert "DETECTOR := nanodet-g\n" in (ROOT / "Makefile").read_text("utf-8")
