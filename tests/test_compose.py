"""compose.yaml keeps to the rules of docs/docker.md. No Docker engine: the file is read as it stands, with the defaults of its variables."""

import importlib.util
import re
import tomllib

import pytest
import yaml

from tests.servers import ROOT

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
# Docker's and the drivers' own, no setting of ours.
OTHERS = {"NVIDIA_DRIVER_CAPABILITIES"}
OURS = ("web", "scheduler", "worker", "worker-gpu")


def told(text, **settings):
    """Return the file's content where the environment has these settings, as Compose fills them in."""
    return yaml.safe_load(VARIABLE.sub(lambda found: settings.get(found[1]) or found[2] or "", text))


SITE = told(TEXT)
SERVICES = SITE["services"]


def lab():
    spec = importlib.util.spec_from_file_location("docker_lab", ROOT / "docker" / "lab.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table():
    """Return the variables of the table of docs/operating.md, with their rows."""
    rows = [line for line in (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name: row for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row.split("|")[1])}


def test_it_has_the_parts_of_a_site_and_no_others():
    assert set(SERVICES) == {"proxy", *OURS}
    assert [name for name, each in SERVICES.items() if each.get("profiles")] == ["worker-gpu"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_part_can_write_nowhere_has_no_rights_and_is_bounded(name):
    part = SERVICES[name]
    assert part["read_only"] is True
    assert any(each.split(":")[0] == "/tmp" and "size=" in each for each in part["tmpfs"])
    assert part["cap_drop"] == ["ALL"]
    assert part.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "user", "pid", "ipc", "network_mode", "devices"} & set(part), "the image's own user, and nothing of the machine's"
    limits = part["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) > 0
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert 0 < limits["pids"] <= 256
    assert part["logging"]["options"]["max-size"], "or its log would fill the disk"


@pytest.mark.parametrize("name", SERVICES)
def test_a_part_is_started_again_and_watched(name):
    part = SERVICES[name]
    assert part["restart"] == "unless-stopped"
    check = part["healthcheck"]
    assert check["test"][0] == "CMD", "exec form: the images need have no shell"
    assert {"interval", "timeout", "start_period", "retries"} <= set(check)
    if name in OURS:
        assert check["test"][1:] == ["python", "docker/healthcheck.py", name.removesuffix("-gpu")]
        assert (ROOT / check["test"][2]).is_file()


@pytest.mark.parametrize("name", OURS)
def test_a_part_of_ours_is_the_image_by_a_command_that_its_entry_knows(name):
    part = SERVICES[name]
    assert part["command"] == [name.removesuffix("-gpu")]
    assert lab().command(part["command"])
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert part["image"] == f"regularization-lab:{version}{'-gpu' if name.endswith('gpu') else ''}"
    assert told(TEXT, LAB_VERSION="9.9")["services"][name]["image"].startswith("regularization-lab:9.9")


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_has_an_exact_version(name):
    tag = SERVICES[name]["image"].rpartition(":")[2]
    assert re.match(r"\d+\.\d+\.\d+", tag), f"{name} takes whatever {tag!r} is that day"


@pytest.mark.parametrize("name", SERVICES)
def test_any_part_can_be_several(name):
    part = SERVICES[name]
    assert "container_name" not in part
    assert "hostname" not in part
    if name != "proxy":
        assert not {"ports", "expose"} & set(part), "two containers cannot have one port of the machine, and nobody is to reach one past the proxy"


def test_the_proxy_alone_is_reached_from_outside_and_the_engine_from_the_web_processes():
    inside = {name for name, network in SITE["networks"].items() if network.get("internal")}
    assert set(SITE["networks"]) - inside == {"outside"}
    members = {network: {name for name, part in SERVICES.items() if network in part["networks"]} for network in SITE["networks"]}
    assert members == {"outside": {"proxy"}, "front": {"proxy", "web"}, "engine": {"web", "scheduler", "worker", "worker-gpu"}}
    assert [port.partition(":")[2] for port in SERVICES["proxy"]["ports"]] == ["80", "443"]


def test_the_parts_find_each_other():
    scheduler = SERVICES["scheduler"]["environment"]
    assert scheduler["LAB_SCHEDULER_HOST"] == "0.0.0.0"
    for name in ("web", "worker", "worker-gpu"):
        assert SERVICES[name]["environment"]["DASK_SCHEDULER_ADDRESS"] == f"tcp://scheduler:{scheduler['LAB_SCHEDULER_PORT']}"
    assert SERVICES["proxy"]["environment"]["LAB_UPSTREAMS"] == "dynamic a web 8501"
    assert "STREAMLIT_SERVER_PORT=8501" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_what_is_kept_lies_on_a_volume():
    assert SERVICES["web"]["volumes"] == ["studies:/data"]
    for name in ("LAB_STORE", "LAB_CLASS"):
        assert SERVICES["web"]["environment"][name].startswith("sqlite:////data/")
    mounted = {volume.split(":")[0] for part in SERVICES.values() for volume in part.get("volumes", [])}
    assert mounted == {"./docker/Caddyfile", *SITE["volumes"]}
    assert "./docker/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["proxy"]["volumes"]
    assert (ROOT / "docker" / "Caddyfile").is_file()


def test_a_web_process_has_the_memory_that_it_may_take():
    web = SERVICES["web"]
    # Trainings and measurements have caps of the same size; the rest is the process with fifty sessions, which has taken 400 MB, and /tmp.
    assert 2 * int(web["environment"]["LAB_MOST_MB"]) + 600 < int(web["deploy"]["resources"]["limits"]["memory"].removesuffix("m"))


def test_a_gpu_worker_has_the_same_torch_by_another_build():
    pinned = re.search(r"^torch==\S+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert SERVICES["worker-gpu"]["build"]["args"] == {"TORCH": pinned, "TORCH_INDEX": ""}
    assert SERVICES["worker"]["build"] == {"context": "."}
    devices = SERVICES["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]


def test_every_variable_is_in_the_table_and_in_the_example_with_its_default():
    asked = {name: default or "" for name, default in VARIABLE.findall(TEXT)}
    given = {name for part in SERVICES.values() for name in part["environment"]} - OTHERS
    rows = table()
    assert sorted((given | set(asked)) - set(rows)) == []
    example = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert example == asked
    for name in re.findall(r"\bLAB_[A-Z_]+", (ROOT / "docker" / "Caddyfile").read_text(encoding="utf-8")):
        assert name in SERVICES["proxy"]["environment"]


def test_every_variable_of_the_code_is_in_the_table():
    code = [path for folder in ("core", "ui", "docker") for path in (ROOT / folder).rglob("*.py")]
    named = {name for path in code for name in re.findall(r"[\"'](LAB_[A-Z_]+)[\"']", path.read_text(encoding="utf-8"))}
    assert sorted(named - set(table())) == []
