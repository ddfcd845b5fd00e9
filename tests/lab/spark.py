"""Spark standalone on loopback: one master, one worker, and the applications submitted to it."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.lab.cluster import APPLICATION, HOST, LIGHT, RUN_S, START_S, Load
from tests.lab.expectations import until
from tests.lab.machine import Machine
from tests.lab.processes import Processes

_MASTER, _WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the cluster listens."""

    master: int
    page: int
    worker: int
    worker_page: int


class Spark:
    """The cluster; `page` is the address of the master's web UI."""

    def __init__(self, machine: Machine, processes: Processes, folder: Path, ports: Ports) -> None:
        self._machine = machine
        self._processes = processes
        self._folder = folder
        self._ports = ports
        self.page = f"http://{HOST}:{ports.page}"

    @property
    def settings(self) -> Mapping[str, str]:
        """Return the bot's settings for it."""
        return {"SPARK_MASTER_URL": self.page}

    async def start(self, client: httpx.AsyncClient) -> None:
        """Start master and worker and wait until they know each other. Raises LabError."""
        self._configure()
        ports = self._ports
        await self._daemon("master", _MASTER, ports.master, ports.page)
        await until("the master's port listens", self._master_listens, START_S)
        size = ("--cores", "8", "--memory", "6g", "--work-dir", self._folder / "work")
        master = f"spark://{HOST}:{ports.master}"
        await self._daemon("worker", _WORKER, ports.worker, ports.worker_page, *size, master)

        async def complete() -> bool:
            for name in ("master", "worker"):
                self._processes.check(name)
            state = await self.state(client)
            return (state["status"], state["aliveworkers"]) == ("ALIVE", 1)

        await until("the Spark master is alive with one worker", complete, START_S)

    async def state(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """Return the master's own view, as its /json/ tells it."""
        found: dict[str, Any] = (await client.get(f"{self.page}/json/")).json()
        return found

    async def submit(self, load: Load) -> None:
        """Submit an application; see `running`."""
        options = {
            "--master": f"spark://{HOST}:{self._ports.master}",
            "--name": load.name,
            "--total-executor-cores": str(load.cores),
            "--executor-memory": "512m",
            "--driver-memory": "512m",
            "--driver-java-options": f"-Duser.name={load.user} {LIGHT}",
        }
        flat = [word for pair in options.items() for word in pair]
        submit = self._machine.spark_home / "bin" / "spark-submit"
        command: list[str | Path] = [submit, *flat, APPLICATION, *load.work]
        await self._processes.start(load.name, command, self._environment())

    async def running(self, client: httpx.AsyncClient, *names: str) -> dict[str, str]:
        """Wait until these applications run; return their ids by name. Raises LabError."""

        async def all_run() -> dict[str, str]:
            for name in names:
                self._processes.check(name)
            apps = (await self.state(client))["activeapps"]
            ids = {app["name"]: app["id"] for app in apps if app["state"] == "RUNNING"}
            return ids if set(names) <= set(ids) else {}

        return await until(f"{', '.join(names)} run", all_run, RUN_S)

    async def killed(self, client: httpx.AsyncClient, *ids: str) -> bool:
        """Tell whether the master has all of them as KILLED."""
        done = {app["id"]: app["state"] for app in (await self.state(client))["completedapps"]}
        return all(done.get(each) == "KILLED" for each in ids)

    async def left(self, client: httpx.AsyncClient) -> list[str]:
        """Return the ids of what has not ended."""
        return [app["id"] for app in (await self.state(client))["activeapps"]]

    async def _master_listens(self) -> bool:
        self._processes.check("master")
        _, writer = await asyncio.open_connection(HOST, self._ports.master)
        writer.close()
        await writer.wait_closed()
        return True

    async def _daemon(self, name: str, main: str, port: int, page: int, *rest: str | Path) -> None:
        jars = f"{self._folder / 'conf'}/:{self._machine.spark_home}/jars/*"
        where = ("--host", HOST, "--port", str(port), "--webui-port", str(page))
        command = [self._machine.java, "-Xmx256m", *LIGHT.split(), "-cp", jars, main, *where, *rest]
        await self._processes.start(name, command, self._environment())

    def _configure(self) -> None:
        conf = self._folder / "conf"
        conf.mkdir(parents=True)
        lines = {
            "spark.ui.port": "0",  # of the applications: busy slots are read there
            "spark.master.rest.enabled": "false",
            "spark.driver.host": HOST,
            "spark.driver.bindAddress": HOST,
            "spark.executor.extraJavaOptions": LIGHT,
            "spark.ui.showConsoleProgress": "false",
        }
        text = "".join(f"{key} {value}\n" for key, value in lines.items())
        (conf / "spark-defaults.conf").write_text(text, encoding="utf-8")

    def _environment(self) -> Mapping[str, str]:
        home = self._machine.spark_home
        core = next((home / "jars").glob("spark-core_*.jar")).name
        scala = re.sub(r"spark-core_([\d.]+)-.*", r"\1", core)
        python = str(self._machine.python)
        return {
            "PATH": f"{self._machine.java.parent}:/usr/bin:/bin",
            "HOME": str(self._folder),
            "SPARK_HOME": str(home),
            "SPARK_CONF_DIR": str(self._folder / "conf"),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_LOCAL_DIRS": str(self._folder / "scratch"),
            # Unknown to a worker started without Spark's own script; its executors would fail.
            "SPARK_SCALA_VERSION": scala,
            "PYSPARK_PYTHON": python,
            "PYSPARK_DRIVER_PYTHON": python,
        }
