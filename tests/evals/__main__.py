"""`python -m tests.evals`: understanding and incident scenarios as a table; with a key, a model too."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.agents.model.client import ModelSettings, OpenAIModel, build_model
from bot.agents.model.limits import Limits
from bot.agents.model.port import Model
from bot.settings import load_settings
from tests.evals import howto, incidents, talk
from tests.evals.utterances import judge_all

BUILD = Path("build")
REPEATS = 3
DAY_TOKENS = 50_000_000  # three passes are far more than a day of questions


def main(arguments: Sequence[str]) -> int:
    """Run everything, print the table, write `build/evals.json`; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.evals", description=__doc__)
    parser.add_argument("--no-model", action="store_true", help="leave a configured model out")
    chosen = parser.parse_args(arguments)
    figures = asyncio.run(_figures(with_model=not chosen.no_model))
    BUILD.mkdir(exist_ok=True)
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    (BUILD / "evals.json").write_text(text + "\n", encoding="utf-8")
    Console().print(_table(figures))
    return 0 if _good(figures) else 1


async def _figures(*, with_model: bool) -> dict[str, float]:
    found, _ = await _round("", None)
    found.update(await _blind())
    found.update(await _pages())
    async with AsyncExitStack() as stack:
        model = _configured() if with_model else None
        if model is not None:
            stack.push_async_callback(model.close)
            found.update(await _repeated(model))
    return found


async def _round(prefix: str, model: Model | None) -> tuple[dict[str, float], set[str]]:
    """Return one pass over utterances and scenarios, and which scenarios went right."""
    started = time.monotonic()
    said = await judge_all(model)
    verdicts = [await incidents.run(item, model) for item in incidents.scenarios()]
    nothing = {item["id"] for item in incidents.scenarios() if item["nothing"]}
    figures: dict[str, float] = {
        f"{prefix}utterances": len(said),
        f"{prefix}utterances_right": _part(item.right for item in said),
        f"{prefix}wrong_targets": sum(item.wrong_card for item in said),
        f"{prefix}scenarios": len(verdicts),
        f"{prefix}culprit_named": _part(item.culprit for item in verdicts),
        f"{prefix}causes_ranked": _part(item.ranked for item in verdicts),
        f"{prefix}scenarios_right": _part(item.right for item in verdicts),
        f"{prefix}kills_offered_for_nothing": sum(
            item.offered_wrongly for item in verdicts if item.id in nothing
        ),
        f"{prefix}seconds": time.monotonic() - started,
    }
    return figures, {item.id for item in verdicts if item.right}


async def _blind() -> dict[str, float]:
    """Return how rows of sets nobody built with are read, the bot's answers judged."""
    figures: dict[str, float] = {}
    wrong = 0
    for name in talk.BLIND:
        verdicts = [await talk.judge(row) for row in talk.rows(name)]
        language = name.split(".")[2]
        figures[f"blind_talk_{language}"] = _part(each.right for each in verdicts)
        wrong += sum(each.wrong_card for each in verdicts)
    return {**figures, "blind_wrong_cards": wrong}


async def _pages() -> dict[str, float]:
    """Return how often a right page is shown for questions our documents answer."""
    with tempfile.TemporaryDirectory() as folder:
        async with howto.our_documents(Path(folder)) as documents:
            return howto.figures([await howto.judge(row, documents) for row in howto.rows()])


async def _repeated(model: OpenAIModel) -> dict[str, float]:
    """Return the mean of three passes, the scenarios right in all three, and what they cost."""
    rounds = [await _round("model_", model) for _ in range(REPEATS)]
    calls, tokens = model.today
    mean = {key: sum(figures[key] for figures, _ in rounds) / REPEATS for key in rounds[0][0]}
    always = set.intersection(*(right for _, right in rounds))
    return {
        **mean,
        "model_scenarios_pass3": len(always) / len(incidents.scenarios()),
        "model_calls": calls,
        "model_tokens": tokens,
        "model_seconds_a_call": sum(figures["model_seconds"] for figures, _ in rounds)
        / max(calls, 1),
    }


def _configured() -> OpenAIModel | None:
    settings = load_settings()
    key = settings.openai_api_key
    return build_model(
        ModelSettings(
            api_key=key.get_secret_value() if key else None,
            model=settings.openai_model,
            base_url=settings.openai_base_url,
            fallback=settings.openai_fallback_model,
            limits=Limits(day_tokens=DAY_TOKENS),
        )
    )


BARS = {
    "utterances_right": (0.95, True),
    "wrong_targets": (0, False),
    "culprit_named": (0.90, True),
    "causes_ranked": (0.90, True),
    "kills_offered_for_nothing": (0, False),
    "blind_wrong_cards": (0, False),
}


def _good(figures: dict[str, float]) -> bool:
    return all(
        figures[key] >= bar if more else figures[key] <= bar for key, (bar, more) in BARS.items()
    )


def _table(figures: dict[str, float]) -> Table:
    table = Table("what", "result", "bar", title="Evaluations")
    for key, value in figures.items():
        bar, more = BARS.get(key.removeprefix("model_"), (None, True))
        shown = f"{value:.3f}" if isinstance(value, float) else str(value)
        table.add_row(key, shown, "" if bar is None else f"{'≥' if more else '≤'} {bar}")
    return table


def _part(items: Iterable[bool]) -> float:
    values = list(items)
    return sum(values) / len(values)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
