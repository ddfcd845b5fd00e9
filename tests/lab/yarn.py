"""A real YARN on loopback: two ResourceManagers with ZooKeeper, three NodeManagers, and Spark on it.

What the lab asks of it goes to its web endpoints without a user's name, to which it hides nothing.
"""

import asyncio
import contextlib
import getpass
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.lab.cluster import APPLICATION, HOST, LIGHT, RUN_S, START_S, Load
from tests.lab.expectations import LabError, expect, until
from tests.lab.hadoop import (
    ADMINISTRATOR,
    HOSTS,
    Layout,
    client_folder,
    manager_folder,
    node_folder,
    zookeeper_folder,
)
from tests.lab.machine import Machine
from tests.lab.processes import Processes

BASE = "/ws/v1/cluster"
ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})
STATE_S, TAKEN_OVER_S, WHOLE_S = 30.0, 60.0, 120.0
_RM = "org.apache.hadoop.yarn.server.resourcemanager.ResourceManager"
_NM = "org.apache.hadoop.yarn.server.nodemanager.NodeManager"
_ADMIN = "org.apache.hadoop.yarn.client.cli.RMAdminCLI"
_ZOOKEEPER = "org.apache.zookeeper.server.ZooKeeperServerMain"
# Java 17 keeps from Hadoop what it reaches for.
_OPEN = tuple(
    f"--add-opens=java.base/java.{each}=ALL-UNNAMED" for each in ("lang", "util", "net", "io")
)


class Yarn:
    """The cluster; `options` are further ones for the daemons' Java."""

    def __init__(
        self,
        machine: Machine,
        processes: Processes,
        layout: Layout,
        *options: str,
    ) -> None:
        if machine.hadoop is None:
            raise LabError("Hadoop's jars were not fetched")
        self._machine = machine
        self._jars = machine.hadoop
        self._processes = processes
        self._layout = layout
        self._java = options

    @property
    def settings(self) -> Mapping[str, str]:
        """Return the bot's settings for it, as somebody who may do everything."""
        addresses = ",".join(self._layout.web(number) for number in (0, 1))
        return {"YARN_URL": addresses, "YARN_USER": ADMINISTRATOR}

    async def start(self, client: httpx.AsyncClient, *loads: Load) -> None:
        """Start all of it, with loads that wait for the nodes; return with every node in service.

        Raises LabError.
        """
        layout = self._layout
        layout.folder.mkdir(parents=True)
        layout.excluded.write_text("")
        client_folder(layout)
        keeper = zookeeper_folder(layout)
        await self._daemon("zookeeper", keeper, _ZOOKEEPER, str(keeper / "zoo.cfg"), heap=128)
        await until("ZooKeeper listens", self._zookeeper_listens, START_S)
        for number in (0, 1):
            await self.start_manager(number)
        # A node that comes before the ResourceManager waits long before it tries again.
        await until("a ResourceManager is active", lambda: self._active(client), START_S)
        for number in range(len(HOSTS)):
            await self.start_node(number)
        for load in loads:
            await self.submit(load)

        async def in_service() -> bool:
            return [each["state"] for each in await self.nodes(client)] == ["RUNNING"] * len(HOSTS)

        await until("every node is in service", in_service, START_S)

    async def start_manager(self, number: int) -> None:
        """Start a ResourceManager; beside an active one it stands by."""
        conf = manager_folder(self._layout, number)
        await self._daemon(f"manager{number}", conf, _RM, heap=384)

    async def start_node(self, number: int) -> None:
        """Start a NodeManager."""
        conf = node_folder(self._layout, number)
        await self._daemon(f"node{number}", conf, _NM)

    async def sicken(self, client: httpx.AsyncClient, number: int) -> None:
        """Make a node's own health check fail. Raises LabError unless YARN sees it."""
        self._layout.sick(number).touch()
        await self._state_of_node(client, number, "UNHEALTHY")

    async def heal(self, client: httpx.AsyncClient, number: int) -> None:
        """Let a node's health check pass again."""
        self._layout.sick(number).unlink()
        await self._state_of_node(client, number, "RUNNING")

    async def retire(self, client: httpx.AsyncClient, number: int) -> None:
        """Decommission a node, which then ends itself."""
        await self._exclude(client, f"{HOSTS[number]}\n")
        await self._state_of_node(client, number, "DECOMMISSIONED")

    async def take_back(self, client: httpx.AsyncClient, number: int) -> None:
        """Take a decommissioned node back into service, which it must be started for."""
        await self._exclude(client, "")
        await self._processes.stop(f"node{number}")
        await self.start_node(number)
        await self._state_of_node(client, number, "RUNNING")

    async def take_over(self, client: httpx.AsyncClient) -> int:
        """Kill the active ResourceManager; return its number once the other one is active."""
        before = await self._active_number(client)
        await self._processes.stop(f"manager{before}", first=signal.SIGKILL)

        async def other() -> bool:
            return await self._active_number(client) == 1 - before

        await until("the other ResourceManager is active", other, TAKEN_OVER_S)
        return before

    async def whole(self, client: httpx.AsyncClient) -> bool:
        """Tell whether every node is in service and every application has its containers."""
        nodes = {each["nodeHostName"]: each["state"] for each in await self.nodes(client)}
        running = [each for each in await self.applications(client) if each["state"] not in ENDED]
        placed = all(
            each["state"] == "RUNNING" and each["runningContainers"] > 1 for each in running
        )
        return placed and all(nodes.get(host) == "RUNNING" for host in HOSTS)

    async def wait_whole(self, client: httpx.AsyncClient) -> None:
        """Wait until it is whole again. Raises LabError."""
        await until("every node and application back", lambda: self.whole(client), WHOLE_S)

    async def nodes(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Return the rows of its list of nodes."""
        found = await self._read(client, "nodes")
        rows: list[dict[str, Any]] = (found.get("nodes") or {}).get("node", [])
        return rows

    async def applications(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Return the rows of its list of applications, ended ones too."""
        found = await self._read(client, "apps")
        rows: list[dict[str, Any]] = (found.get("apps") or {}).get("app", [])
        return rows

    async def submit(self, load: Load) -> None:
        """Submit an application; see `running`."""
        submit = self._machine.spark_home / "bin" / "spark-submit"
        flat = [word for pair in self._options(load).items() for word in pair]
        for key, value in self._spark(load).items():
            flat += ["--conf", f"{key}={value}"]
        conf = str(self._layout.folder / "client" / "conf")
        environment = {
            **self._environment(),
            "HADOOP_CONF_DIR": conf,
            "YARN_CONF_DIR": conf,
            "HADOOP_USER_NAME": load.user,
            **self._told_addresses(),
        }
        command: list[str | Path] = [submit, *flat, APPLICATION, *load.work]
        await self._processes.start(load.name, command, environment)

    async def running(self, client: httpx.AsyncClient, *names: str) -> dict[str, str]:
        """Wait until these applications run with executors; return their ids by name.

        Raises LabError.
        """

        async def all_run() -> dict[str, str]:
            for name in names:
                self._processes.check(name)
            ids = {
                each["name"]: each["id"]
                for each in await self.applications(client)
                if each["state"] == "RUNNING" and each["runningContainers"] > 1
            }
            return {name: ids[name] for name in names}

        return await until(f"{', '.join(names)} run", all_run, RUN_S)

    async def killed(self, client: httpx.AsyncClient, *ids: str) -> bool:
        """Tell whether the ResourceManager has all of them as KILLED."""
        states = {each["id"]: each["state"] for each in await self.applications(client)}
        return all(states.get(each) == "KILLED" for each in ids)

    async def left(self, client: httpx.AsyncClient) -> list[str]:
        """Return the ids of what has not ended."""
        rows = await self.applications(client)
        return [each["id"] for each in rows if each["state"] not in ENDED]

    def _options(self, load: Load) -> dict[str, str]:
        return {
            "--master": "yarn",
            "--deploy-mode": load.mode,
            "--name": load.name,
            # Spark refuses the last part of a nested queue's path: two may be called the same.
            "--queue": f"root.{load.queue}",
            "--num-executors": "1",
            "--executor-cores": str(load.cores),
            "--executor-memory": "512m",
            "--driver-memory": "512m",
        }

    def _spark(self, load: Load) -> dict[str, str]:
        """Return Spark's configuration: nothing is uploaded, and everybody is on loopback."""
        told = {"PYSPARK_PYTHON": str(self._machine.python), **self._told_addresses()}
        own = {
            "spark.yarn.jars": f"local:{self._machine.spark_home}/jars/*",
            "spark.yarn.stagingDir": f"file://{self._layout.folder}/staging",
            "spark.yarn.am.memory": "256m",
            "spark.yarn.am.memoryOverhead": "128m",
            "spark.driver.memoryOverhead": "128m",
            "spark.executor.memoryOverhead": "256m",
            "spark.executor.extraJavaOptions": LIGHT,
            "spark.driver.extraJavaOptions": LIGHT,
            "spark.ui.showConsoleProgress": "false",
        }
        # Without these the driver and the executors listen elsewhere than they tell each other.
        for where in ("spark.yarn.appMasterEnv", "spark.executorEnv"):
            own |= {f"{where}.{name}": value for name, value in told.items()}
        if load.mode == "client":
            own |= {"spark.driver.host": "localhost", "spark.driver.bindAddress": HOST}
        return own

    def _told_addresses(self) -> dict[str, str]:
        return {"SPARK_LOCAL_IP": HOST, "SPARK_LOCAL_HOSTNAME": "localhost"}

    async def _exclude(self, client: httpx.AsyncClient, hosts: str) -> None:
        self._layout.excluded.write_text(hosts)
        number = await self._active_number(client)
        conf = self._layout.folder / f"manager{number}" / "conf"
        name = "refresh"
        await self._daemon(name, conf, _ADMIN, "-refreshNodes")
        code = await self._processes.ended(name)
        expect("rmadmin -refreshNodes to succeed", code == 0, f"exit code {code}")

    async def _state_of_node(self, client: httpx.AsyncClient, number: int, state: str) -> None:
        async def seen() -> bool:
            rows = await self.nodes(client)
            states = [each["state"] for each in rows if each["nodeHostName"] == HOSTS[number]]
            if state in states:
                return True
            raise ValueError(f"{HOSTS[number]} is {states}")

        await until(f"{HOSTS[number]} is {state}", seen, STATE_S)

    async def _active(self, client: httpx.AsyncClient) -> bool:
        for name in ("manager0", "manager1"):
            self._processes.check(name)
        return await self._active_number(client) in (0, 1)

    async def _active_number(self, client: httpx.AsyncClient) -> int:
        """Return which ResourceManager is active; -1 while none is."""
        for number in (0, 1):
            with contextlib.suppress(httpx.HTTPError):
                reply = await client.get(f"{self._layout.web(number)}{BASE}/info")
                if reply.json()["clusterInfo"]["haState"] == "ACTIVE":
                    return number
        return -1

    async def _read(self, client: httpx.AsyncClient, what: str) -> dict[str, Any]:
        number = await self._active_number(client)
        if number < 0:
            raise ValueError("no ResourceManager is active")
        reply = await client.get(f"{self._layout.web(number)}{BASE}/{what}")
        found: dict[str, Any] = reply.json()
        return found

    async def _zookeeper_listens(self) -> bool:
        self._processes.check("zookeeper")
        _, writer = await asyncio.open_connection(HOST, self._layout.zookeeper)
        writer.close()
        await writer.wait_closed()
        return True

    async def _daemon(self, name: str, conf: Path, main: str, *rest: str, heap: int = 256) -> None:
        folder = self._layout.folder
        own = (f"-Dhadoop.home.dir={folder}", f"-Dhadoop.log.dir={folder}/log")
        java: tuple[str | Path, ...] = (
            self._machine.java,
            f"-Xmx{heap}m",
            *LIGHT.split(),
            *_OPEN,
            *own,
        )
        command: list[str | Path] = [*java, "-cp", f"{conf}:{self._jars}/*", main, *rest]
        environment = {**self._environment(), "HADOOP_USER_NAME": getpass.getuser()}
        await self._processes.start(name, command, environment)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self._machine.java.parent}:/usr/bin:/bin",
            "HOME": str(self._layout.folder),
            "JAVA_HOME": str(self._machine.java.parents[1]),
            "SPARK_HOME": str(self._machine.spark_home),
            "PYSPARK_PYTHON": str(self._machine.python),
            "PYSPARK_DRIVER_PYTHON": str(self._machine.python),
        }
