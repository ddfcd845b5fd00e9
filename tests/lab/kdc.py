"""A Kerberos realm on loopback: a KDC of its own, and keytabs for the web endpoints and the bot."""

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.lab.cluster import HOST
from tests.lab.expectations import LabError, until
from tests.lab.hadoop import ADMINISTRATOR, REALM
from tests.lab.machine import kdc_program
from tests.lab.processes import Processes

START_S = 20.0
WEB = "HTTP/localhost"


class Kdc:
    """The realm; its folder holds `http.keytab`, `bot.keytab` and the web cookies' secret."""

    def __init__(self, processes: Processes, folder: Path, port: int) -> None:
        self._processes = processes
        self._port = port
        self.folder = folder

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what tells a Kerberos client of the realm and of the bot's keytab."""
        return {
            "KRB5_CONFIG": str(self.folder / "krb5.conf"),
            "KRB5_CLIENT_KTNAME": str(self.folder / f"{ADMINISTRATOR}.keytab"),
            "KRB5CCNAME": "MEMORY:lab",
        }

    @property
    def java(self) -> str:
        """Return the option that tells Java of the realm."""
        return f"-Djava.security.krb5.conf={self.folder / 'krb5.conf'}"

    async def start(self) -> None:
        """Make the realm and its principals, and start the KDC. Raises LabError."""
        self.folder.mkdir(parents=True)
        self._configure()
        await self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", secrets.token_hex(16))
        for principal, keytab in ((WEB, "http"), (ADMINISTRATOR, ADMINISTRATOR)):
            await self._ask(f"addprinc -randkey {principal}")
            await self._ask(f"ktadd -k {self.folder / keytab}.keytab {principal}")
        command = [kdc_program("krb5kdc"), "-n", "-r", REALM]
        await self._processes.start("kdc", command, self._own)
        await until("the KDC listens", self._listens, START_S)

    @property
    def _own(self) -> Mapping[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "KRB5_CONFIG": str(self.folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(self.folder / "kdc.conf"),
        }

    def _configure(self) -> None:
        here, at = self.folder, f"{HOST}:{self._port}"
        (here / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
            " dns_canonicalize_hostname = false\n rdns = false\n udp_preference_limit = 1\n"
            f"[realms]\n {REALM} = {{\n  kdc = {at}\n }}\n[domain_realm]\n localhost = {REALM}\n"
        )
        (here / "kdc.conf").write_text(
            f"[kdcdefaults]\n kdc_listen = {at}\n kdc_tcp_listen = {at}\n"
            f"[realms]\n {REALM} = {{\n  database_name = {here}/principal\n"
            f"  key_stash_file = {here}/stash\n  max_life = 10h\n }}\n"
        )
        (here / "signature").write_text(secrets.token_hex(32))

    async def _ask(self, order: str) -> None:
        await self._run("kadmin.local", "-r", REALM, "-q", order)

    async def _run(self, program: str, *words: str) -> None:
        process = await asyncio.create_subprocess_exec(
            kdc_program(program),
            *words,
            env=dict(self._own),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise LabError(f"{program} {' '.join(words[:1])}:\n{said.decode(errors='replace')}")

    async def _listens(self) -> bool:
        self._processes.check("kdc")
        _, writer = await asyncio.open_connection(HOST, self._port)
        writer.close()
        await writer.wait_closed()
        return True


class Curl(httpx.AsyncBaseTransport):
    """Requests through curl, which speaks SPNEGO: the lab's own look at what is behind it."""

    def __init__(self, realm: Kdc) -> None:
        self._environment = {"PATH": "/usr/bin:/bin", **realm.environment}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return what a GET gives. Raises httpx.ConnectError when curl fails."""
        words = ("--silent", "--fail", "--negotiate", "--user", ":", "--max-time", "5")
        process = await asyncio.create_subprocess_exec(
            "curl",
            *words,
            str(request.url),
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
        )
        body, _ = await process.communicate()
        if process.returncode:
            raise httpx.ConnectError(f"curl ended with {process.returncode}", request=request)
        return httpx.Response(200, content=body, request=request)
