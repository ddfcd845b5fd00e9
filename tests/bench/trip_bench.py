"""How many files and functions of the product a list question runs through, event to post."""

import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, FrameType

import bot
from tests.flow.test_incident import SCRIPTS, begin, first_reply, incident, said_by_alertmanager
from tests.flow.world import world

NOTE = "files and functions of bot/ without the sandbox, periodic jobs of those seconds included"
PRODUCT = Path(bot.__file__).parent
SANDBOX = PRODUCT / "sandbox"


async def bench() -> Mapping[str, float]:
    """Ask for the top three in an alert's thread that has its first reply."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    with tempfile.TemporaryDirectory() as folder:
        async with world(Path(folder), incident()) as at, at.product():
            begin(at)
            thread = said_by_alertmanager(at, "firing")
            await first_reply(at, thread)
            threading.setprofile(note)
            sys.setprofile(note)
            try:
                await at.ask(SCRIPTS["en"].listing, thread)
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
    own = [code for code in seen if _is_ours(Path(code.co_filename))]
    functions = [code for code in own if not code.co_name.startswith("<")]
    return {
        "list_trip_files": len({code.co_filename for code in own}),
        "list_trip_functions": len(functions),
    }


def _is_ours(file: Path) -> bool:
    return file.is_relative_to(PRODUCT) and not file.is_relative_to(SANDBOX)
