"""Recording turns of incidents with a model behind the wire, and making a cassette of them.

    python -m tests.cassettes record TURNS.jsonl FOLDER URL [--wait SECONDS]
    python -m tests.cassettes show FOLDER [--missed]
    python -m tests.cassettes pack FOLDER CASSETTE.jsonl

`record` plays every incident at once, each in a thread of its own, on the OpenAI-compatible
server at URL, whoever writes its replies, and keeps each turn in FOLDER with what was posted. A recording that was broken off goes on where it stopped. `show` tells which turns hold every fact
that a complete answer must, and what came of the model's sentences.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.ports import Documents
from tests.cassettes.tape import Json, Tape
from tests.cassettes.threads import Post, rows, thread
from tests.evals.howto import our_documents

WAIT = 6 * 3600.0  # seconds a person may take over a reply
KEPT = ("incident", "lang", "turn", "who", "text", "must", "exchanges", "missed")


def main(arguments: Sequence[str]) -> int:
    """Record, show or pack."""
    parser = argparse.ArgumentParser(prog="python -m tests.cassettes", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    record = steps.add_parser("record")
    record.add_argument("turns", type=Path)
    record.add_argument("folder", type=Path)
    record.add_argument("url", help="the server's base URL, with its /v1")
    record.add_argument("--wait", type=float, default=WAIT)
    shown = steps.add_parser("show")
    shown.add_argument("folder", type=Path)
    shown.add_argument("--missed", action="store_true", help="print the facts that do not stand")
    packed = steps.add_parser("pack")
    packed.add_argument("folder", type=Path)
    packed.add_argument("cassette", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.step == "record":
        chosen.folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(_record(chosen.turns, chosen.folder, chosen.url, chosen.wait))
    elif chosen.step == "show":
        _show(_recorded(chosen.folder), missed=chosen.missed)
    else:
        _write(chosen.cassette, [{k: row[k] for k in KEPT} for row in _recorded(chosen.folder)])
    return 0


async def _record(turns: Path, folder: Path, url: str, wait: float) -> None:
    with tempfile.TemporaryDirectory() as index:
        async with our_documents(Path(index)) as documents, asyncio.TaskGroup() as group:
            for name, asked in rows(turns).items():
                file = folder / f"{name}.jsonl"
                before = _lines(file) if file.exists() else []
                group.create_task(_incident(asked, before, file, documents, (url, wait)))


async def _incident(
    asked: Sequence[Json],
    before: Sequence[Json],
    file: Path,
    documents: Documents,
    server: tuple[str, float],
) -> None:
    """Record one thread, giving again the replies kept of the turns recorded before."""
    url, wait = server
    done: list[Json] = []
    language = asked[0]["lang"]
    async with Tape(url) as tape, thread(tape, documents, language, wait) as opened:
        for number, turn in enumerate(asked):
            known = before[number]["exchanges"] if number < len(before) else ()
            post = await opened.ask(turn, known)
            done.append(_kept(turn, post, tape.exchanges))
            _write(file, [*done, *before[len(done) :]])
            told = f"{turn['incident']} turn {turn['turn']}: {len(tape.exchanges)} replies"
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()


def _kept(turn: Json, post: Post, exchanges: Sequence[Json]) -> Json:
    return {
        **turn,
        "exchanges": exchanges,
        "facts": post.facts,
        "posted": post.words,
        "sentences": post.sentences,
        "missed": post.missed(turn),
    }


def _show(recorded: Sequence[Json], *, missed: bool) -> None:
    for row in recorded:
        lines = [f"{row['incident']} turn {row['turn']} {'MISSES' if row['missed'] else 'stands'}"]
        lines += [f"  {outcome}: {sentence}" for sentence, outcome in row["sentences"]]
        lines += [f"  does not stand: {must}" for must in row["missed"] if missed]
        sys.stdout.write("\n".join(lines) + "\n")
    whole = sum(not row["missed"] for row in recorded)
    kept = [outcome == "kept" for row in recorded for _, outcome in row["sentences"]]
    sys.stdout.write(f"{whole} of {len(recorded)} turns, {sum(kept)} of {len(kept)} sentences\n")


def _recorded(folder: Path) -> list[Json]:
    return [row for file in sorted(folder.glob("*.jsonl")) for row in _lines(file)]


def _lines(file: Path) -> list[Json]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _write(file: Path, found: Sequence[Json]) -> None:
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in found)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
