"""Words for lexical search: Korean morphemes from a Kiwi child process, else pairs of letters.

Kiwi's loading and first use take a second, hold the interpreter all the while, and then 270 MB
(measured with kiwipiepy 0.24), so it lives in a process of its own, which rests when nobody asks.
Run as a module, this file is that process: JSON lines in, JSON lines out.
"""

import asyncio
import json
import re
import sys
from collections.abc import Sequence

TAGS = ("NN", "NR", "VV", "VA", "XR", "SL", "SN", "SH", "W_")
DOTTED = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)+")
SPACES = re.compile(r"\s+")
MAX_CHARACTERS = 4000
LINE_LIMIT = 16 * 1024 * 1024
START_SECONDS = 60.0
ANSWER_SECONDS = 10.0

Words = list[str]


class MorphemesUnavailableError(Exception):
    """The Kiwi process does not answer; pairs of letters take its place."""


def letter_pairs(text: str) -> Words:
    """Return the pairs of neighbouring letters, spacing ignored: Korean spacing is unreliable."""
    joined = SPACES.sub("", text[:MAX_CHARACTERS].lower())
    return [joined[i : i + 2] for i in range(len(joined) - 1)] or ([joined] if joined else [])


class Morphemes:
    """The Kiwi process: started by `start`, ended by `close` or with us.

    It ends by `rest`, too, and then starts with the next question.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = tuple(command or (sys.executable, "-m", "bot.retrieval.morphemes"))
        self._process: asyncio.subprocess.Process | None = None
        self._resting = False
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Start the process and wait until it answers. Raises MorphemesUnavailableError."""
        async with self._turn:
            await self._start(START_SECONDS)

    async def words(self, texts: Sequence[str]) -> list[Words]:
        """Return the words of each text, lower case. Raises MorphemesUnavailableError."""
        if not texts:
            return []
        async with self._turn:
            if self._resting:
                await self._start(ANSWER_SECONDS)
            return await self._ask(texts, ANSWER_SECONDS)

    async def rest(self) -> None:
        """End the process until the next question."""
        async with self._turn:
            if self._process is not None:
                await self._end()
                self._resting = True

    async def close(self) -> None:
        """End the process."""
        await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.communicate()

    async def _start(self, seconds: float) -> None:
        self._resting = False
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=LINE_LIMIT,
                start_new_session=True,  # Ctrl-C is ours to handle; it ends with its input
            )
        except OSError as error:
            raise MorphemesUnavailableError(str(error)) from error
        await self._ask(["준비"], seconds)

    async def _ask(self, texts: Sequence[str], seconds: float) -> list[Words]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise MorphemesUnavailableError("not started")
        line = json.dumps([text[:MAX_CHARACTERS] for text in texts])
        try:
            process.stdin.write(line.encode() + b"\n")
            async with asyncio.timeout(seconds):
                await process.stdin.drain()
                answer = await process.stdout.readline()
            words: list[Words] = json.loads(answer)
        except (OSError, ValueError, TimeoutError) as error:
            # A late answer would be taken for the next question's: this process is done.
            process.kill() if process.returncode is None else None
            raise MorphemesUnavailableError(type(error).__name__) from error
        return words


def serve() -> None:
    """Answer lines on standard input until it ends; leaves with 1 when Kiwi is not installed."""
    try:
        from kiwipiepy import Kiwi  # noqa: PLC0415 - only this process pays for it
    except ImportError:
        sys.exit(1)
    # Its dictionaries of names double the memory and triple the start; no question of the
    # development set is answered better with them.
    kiwi = Kiwi(num_workers=1, load_default_dict=False, load_multi_dict=False)
    for line in sys.stdin:
        texts = [text.encode("utf-8", "replace").decode() for text in json.loads(line)]
        found = [
            [token.form.lower() for token in tokens if token.tag.startswith(TAGS)]
            + [word.lower() for word in DOTTED.findall(text)]
            for text, tokens in zip(texts, kiwi.tokenize(texts), strict=True)
        ]
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
