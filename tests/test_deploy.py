"""What stands in deploy/ fits together: settings, secrets, volumes, metrics and hardening."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from manumit.schemas.settings import Settings
from manumit.streams.configuration import NOT_SETTINGS, PREFIX
from manumit.streams.measures import Measures
from tests.servers import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
METRIC = re.compile(r"manumit_[a-z_]+")
SETTING = re.compile(r"MANUMIT_[A-Z_]+")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / "workers.yaml").read_text()))


def test_compose_names_only_what_it_declares(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("secrets", ())) <= compose["secrets"].keys(), name
        named = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert {one for one in named if not one.startswith(".")} <= compose["volumes"].keys(), name
        assert set(service.get("depends_on", ())) <= compose["services"].keys(), name


def test_our_containers_are_read_only_and_nobody(compose: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    ours = [service for service in compose["services"].values() if service["image"].startswith("manumit:")]
    assert len(ours) >= 3
    for service in ours:
        assert service["read_only"] is True
        assert service["user"] != "0"
        assert service["cap_drop"] == ["ALL"]
    (pod,) = [one["spec"]["template"]["spec"] for one in objects if one["kind"] == "StatefulSet"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
    assert "USER 10001" in (DEPLOY / "Dockerfile").read_text()


def test_kubernetes_selectors_meet(objects: list[dict[str, Any]]) -> None:
    kinds = {one["kind"]: one for one in objects}
    labels = kinds["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
    assert kinds["StatefulSet"]["spec"]["selector"]["matchLabels"] == labels
    assert kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert kinds["Service"]["spec"]["selector"] == labels
    assert kinds["Service"]["metadata"]["name"] == kinds["StatefulSet"]["spec"]["serviceName"]


def test_every_setting_named_in_deploy_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__} | NOT_SETTINGS
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.suffix != ".xml":
            assert set(SETTING.findall(path.read_text())) <= known, path


def test_dashboards_and_alarms_ask_for_metrics_that_are_there() -> None:
    text = Measures(lambda: 0).text().decode()
    there = {name.removesuffix("_total") for name in METRIC.findall(text)}
    asked = set()
    for path in (*(DEPLOY / "grafana").rglob("*.json"), DEPLOY / "prometheus" / "alerts.yml"):
        asked |= {re.sub("(_total|_bucket)$", "", name) for name in METRIC.findall(path.read_text())}
    assert asked
    assert asked <= there
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "cluster.json").read_text())
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) == 10


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_takes_the_unit() -> None:
    unit = DEPLOY / "systemd" / "manumit-worker@.service"
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if unit.name.partition("@")[0] in line]
    assert [line for line in complaints if "is not executable" not in line] == []
