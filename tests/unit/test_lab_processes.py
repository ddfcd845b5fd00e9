"""The lab ends what it started, and what that started and left behind."""

import sys
from pathlib import Path

from tests.lab.expectations import until
from tests.lab.processes import Processes, stat_of

# A process that starts another one in a session and a folder of its own, and ends: as a
# NodeManager that dies leaves its containers.
LEAVES_ONE = """
import pathlib, subprocess, sys
folder = pathlib.Path(sys.argv[1]) / "container"
folder.mkdir()
wait = [sys.executable, "-c", "import time; time.sleep(600)"]
left = subprocess.Popen(wait, cwd=folder, start_new_session=True)
(pathlib.Path(sys.argv[1]) / "pid").write_text(str(left.pid))
"""


async def test_process_left_behind_in_a_folder_of_the_lab_is_ended(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    await processes.start("node", [sys.executable, "-c", LEAVES_ONE, tmp_path], {})
    assert await processes.ended("node") == 0
    left = int((tmp_path / "pid").read_text())
    assert stat_of(left)

    await processes.stop()

    async def gone() -> bool:
        parts = stat_of(left)
        return not parts or parts[0] == "Z"

    await until("the process left behind has ended", gone, 5.0)
