"""The image, compose and Kubernetes files pass their linters and keep the house's rules."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.observability import Telemetry
from bot.settings import Settings

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
KUBERNETES = ROOT / "deploy" / "kubernetes"
CUSTOM = KUBERNETES / "kustomization.yaml"
MANIFESTS = sorted(set(KUBERNETES.glob("*.yaml")) - {CUSTOM})
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SECRET = re.compile(r"xox[abp]-\w|xapp-\w|sk-\w{8}|tvly-\w")
PINNED = re.compile(r"^(?P<version>[a-z0-9._-]+)==(?P<at>\S+)", re.MULTILINE)
Json = dict[str, Any]


def loaded(path: str) -> Json:
    found: Json = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return found


def objects() -> list[Json]:
    return [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text())]


def pods() -> list[Json]:
    return [
        each["spec"]["template"]["spec"] for each in objects() if "template" in each.get("spec", {})
    ]


def with_spec(kind: str) -> list[Json]:
    return [each for each in objects() if each["kind"] == kind]


def pins(lock: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / lock).read_text(encoding="utf-8")))


def images() -> list[str]:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    composed = [each["image"] for each in loaded("compose.yaml")["services"].values()]
    deployed = [each["image"] for pod in pods() for each in pod["containers"]]
    return [*stages, *composed, *deployed]


def test_hadolint_finds_nothing() -> None:
    """The Dockerfile; the linter's package is for Linux on x86_64 alone."""
    hadolint = BIN / "hadolint"
    if not hadolint.exists():
        pytest.skip("hadolint has no package for this machine")
    done = subprocess.run(
        [hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout


def test_yamllint_finds_nothing() -> None:
    """All our YAML."""
    files = ["compose.yaml", "slack-manifest.yaml", "deploy"]
    done = subprocess.run(
        [BIN / "yamllint", "--strict", "-c", ".yamllint.yaml", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_manifests_fit_the_schemas_of_kubernetes(version: str) -> None:
    """Strictly: a misspelled field is refused."""
    for each in objects():
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("image", images())
def test_images_are_pinned(image: str) -> None:
    """A tag with a version, never `latest`."""
    _, _, tag = image.rpartition("/")[2].partition(":")
    assert re.search(r"\d+\.\d+", tag), image


def test_chroma_is_the_version_of_its_client() -> None:
    """Server and client speak the same protocol."""
    version = pins("requirements-runtime.lock")["chromadb"]
    chroma = [image for image in images() if "chroma" in image]
    assert {image.rpartition(":")[2] for image in chroma} == {version}


def test_pods_are_restricted() -> None:
    """What the restricted pod security standard asks, and a read-only root."""
    assert pods()
    for pod in pods():
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            own = container["securityContext"]
            assert own["allowPrivilegeEscalation"] is False
            assert own["readOnlyRootFilesystem"] is True
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]


def test_the_bot_runs_twice_with_probes_on_its_own_paths() -> None:
    """A restart never follows from Slack being away, an eviction never takes both."""
    (deployment,) = with_spec("Deployment")
    assert deployment["spec"]["replicas"] == 2
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    paths = {
        probe: container[f"{probe}Probe"]["httpGet"]["path"]
        for probe in ("startup", "liveness", "readiness")
    }
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    (budget,) = with_spec("PodDisruptionBudget")
    assert budget["spec"]["minAvailable"] == 1
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
    port = next(each["containerPort"] for each in container["ports"] if each["name"] == "health")
    (settings,) = with_spec("ConfigMap")
    assert settings["data"]["HEALTH_PORT"] == str(port)


def test_kustomize_applies_everything_but_the_example_of_a_secret() -> None:
    """An empty example would take the place of the real one."""
    custom = loaded("deploy/kubernetes/kustomization.yaml")
    assert {KUBERNETES / name for name in custom["resources"]} == {
        path for path in MANIFESTS if "example" not in path.name
    }
    (image,) = custom["images"]
    assert f"{image['name']}:{image['newTag']}" in images()


def test_the_bot_may_reach_what_its_settings_name_and_nothing_more() -> None:
    """By port: 443 is Slack and what has a key, 53 names, 5432 the Secret's database, 8042 NodeManagers."""
    (settings,) = with_spec("ConfigMap")
    urls = ",".join(value for name, value in settings["data"].items() if name.endswith("_URL"))
    named = {int(port) for port in re.findall(r":(\d+)", urls)}
    policies = {each["metadata"]["name"]: each["spec"] for each in with_spec("NetworkPolicy")}
    egress = policies["dangjik"]["egress"]
    assert {port["port"] for rule in egress for port in rule["ports"]} == named | {
        53,
        443,
        5432,
        8042,
    }
    assert [rule["ports"][0]["port"] for rule in egress if "to" not in rule] == [443]
    for policy in policies.values():
        assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in policies["dangjik-chroma"]


def test_every_name_given_to_the_bot_is_a_setting() -> None:
    """And what is secret stands in the Secret, which the example leaves empty."""
    (settings,) = with_spec("ConfigMap")
    (secret,) = with_spec("Secret")
    names = {name.upper() for name in Settings.model_fields}
    hidden = {
        name.upper()
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    assert set(settings["data"]) <= names - hidden
    assert set(secret["stringData"]) == hidden
    assert not any(secret["stringData"].values())
    composed = loaded("compose.yaml")["services"]["bot"]["environment"]
    assert set(composed) <= names


def test_compose_keeps_data_in_volumes_and_passwords_outside() -> None:
    """Health checks on all, nothing published, nobody with rights or a writable root."""
    compose = loaded("compose.yaml")
    bot = compose["services"]["bot"]
    assert bot["env_file"] == ".env"
    waits = {name: each["condition"] for name, each in bot["depends_on"].items()}
    assert waits == {"postgres": "service_healthy", "chroma": "service_healthy"}
    for name, service in compose["services"].items():
        assert "ports" not in service
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
        assert name == "bot" or "env_file" not in service  # no token of ours where it is not used
        assert name == "bot" or service["healthcheck"]["test"]
        assert {each.partition(":")[0] for each in service["volumes"]} <= set(compose["volumes"])
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${")


def test_the_image_is_small_in_rights() -> None:
    """Two stages, an own user by number, no build tool, a health check, its data in a volume."""
    first, last = re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert "--require-hashes" in first
    assert "pip install" not in last
    assert "apt-get" not in last
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "/healthz" in last
    assert re.search(r'^VOLUME \["/data"\]$', last, re.MULTILINE)
    assert "uninstall --yes pip setuptools wheel" in last


def test_what_the_image_copies_is_there_and_nothing_else_goes_to_the_builder() -> None:
    """Neither `.env` nor data nor the history of the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = [source for line in lines for source in line.split()]
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in allowed
    assert {f"!{source}" for source in sources} == {x for x in allowed if x.startswith("!")}
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_has_what_the_tests_have_without_the_tools() -> None:
    """One version of everything; tools for building and testing stay out."""
    runtime, whole = pins("requirements-runtime.lock"), pins("requirements.lock")
    assert runtime.items() | pins("requirements-build.lock").items() <= whole.items()
    excluded = re.findall(
        r"^[a-z]+", (ROOT / "requirements-excluded.txt").read_text(), re.MULTILINE
    )
    assert whole.keys() >= set(excluded)
    tools = {"pytest", "mypy", "ruff", "hypothesis", "selenium", "hatchling"}
    assert not runtime.keys() & {*excluded, *tools}
    text = (ROOT / "requirements-runtime.lock").read_text(encoding="utf-8")
    assert text.count("--hash=sha256:") >= len(runtime)
    assert "://" not in text


def test_no_file_holds_a_secret() -> None:
    """Nothing that looks like a token."""
    files = [ROOT / "Dockerfile", ROOT / "compose.yaml", *(ROOT / "deploy").rglob("*.*")]
    assert not [path for path in files if SECRET.search(path.read_text(encoding="utf-8"))]


def test_rules_and_dashboard_ask_only_for_figures_we_have() -> None:
    """Every name in the alert rules and in the dashboard is one that /metrics gives."""
    telemetry = Telemetry()
    given = set(re.findall(r"^# TYPE (\w+)", telemetry.text().decode(), re.MULTILINE))
    given |= {f"{name}_bucket" for name in given}
    rules = (ROOT / "deploy" / "prometheus" / "dangjik-rules.yaml").read_text(encoding="utf-8")
    dashboard = (ROOT / "deploy" / "grafana" / "dashboard.json").read_text(encoding="utf-8")
    for text in (rules, dashboard):
        asked = set(re.findall(r"\b(?:dangjik|process)_\w+(?=\{)", text))
        assert asked
        assert asked <= given
    assert len({panel["id"] for panel in json.loads(dashboard)["panels"]}) == 18
    for group in yaml.safe_load(rules)["groups"]:
        for rule in group["rules"]:
            assert {"summary", "action"} <= set(rule["annotations"])
            assert rule["labels"]["severity"] in {"critical", "warning"}


def test_alerts_are_raised_by_what_they_are_for(tmp_path: Path) -> None:
    """Prometheus's own tool reads the rules and plays them; it comes with Debian's package."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    rules = ROOT / "deploy" / "prometheus" / "dangjik-rules.yaml"
    plays = (Path(__file__).parent / "rules.test.yaml").read_text(encoding="utf-8")
    (tmp_path / "plays.yaml").write_text(plays.replace("RULES", str(rules)), encoding="utf-8")
    names = re.findall(r"alert: (\w+)", rules.read_text(encoding="utf-8"))
    assert not [name for name in names if f'"{name}"' not in plays]
    for command, file in (("check", rules), ("test", tmp_path / "plays.yaml")):
        done = subprocess.run(
            [promtool, command, "rules", file],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
