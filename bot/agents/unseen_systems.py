"""Systems that people ask about and we do not look at: told first, and never taken for ours."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.agents.facts import Facts, GuideFacts
from bot.agents.templates.wording import Wording, bold
from bot.domain.answers import Paragraph, Span
from bot.domain.conversation import Intent, ThreadView, Understanding
from bot.domain.language import Language, Text

_WEB = Text(
    ko="쿼리는 코디네이터의 웹 화면에서 보고 끝냅니다.",
    en="Its queries are seen and ended in its coordinator's web page.",
)
_OTHER_TYPE = Text(
    ko="YARN에서 돈다면 봇의 YARN_APPLICATION_TYPES 설정에 넣어야 보입니다.",
    en="If it runs on YARN, it is seen once the bot's setting YARN_APPLICATION_TYPES names it.",
)


@dataclass(frozen=True, slots=True)
class System:
    """A system by its name, other spellings of it, and where its work is seen and ended.

    `type` is what YARN calls its applications, empty where it does not run them.
    """

    name: str
    words: tuple[str, ...]
    instead: Text
    type: str = ""


SYSTEMS = (
    System("Presto", ("프레스토",), _WEB),
    System("Trino", ("트리노",), _WEB),
    System("Impala", ("임팔라",), _WEB),
    System(
        "Kubernetes",
        ("k8s", "쿠버네티스"),
        Text(
            ko="kubectl get pods 로 보고 kubectl delete pod 로 끝냅니다.",
            en="Look with kubectl get pods, end with kubectl delete pod.",
        ),
    ),
    System("Tez", ("테즈",), _OTHER_TYPE, "TEZ"),
    System("Flink", ("플링크",), _OTHER_TYPE, "Apache Flink"),
    System("MapReduce", ("맵리듀스",), _OTHER_TYPE, "MAPREDUCE"),
    System(
        "EMR",
        (),
        Text(
            ko="step은 aws emr list-steps 로 보고 aws emr cancel-steps 로 취소합니다.",
            en="Steps are seen with aws emr list-steps and cancelled with aws emr cancel-steps.",
        ),
    ),
    System(
        "Dataproc",
        (),
        Text(
            ko="작업은 gcloud dataproc jobs list 로 보고 gcloud dataproc jobs kill 로 끝냅니다.",
            en="Jobs are seen with gcloud dataproc jobs list and ended with gcloud dataproc jobs kill.",
        ),
    ),
    System(
        "Databricks",
        ("데이터브릭스",),
        Text(
            ko="그쪽 작업 화면에서 보고 끝냅니다.",
            en="Its jobs are seen and ended in its own pages.",
        ),
    ),
)
ORDERS = {Intent.CANCEL, Intent.CLARIFY, Intent.UNSUPPORTED, Intent.OUT_OF_SCOPE}
"""What is wished to happen there; an order to kill says all it means, and means ours."""
_OF_OURS = {Intent.KILL, Intent.DRAFT, Intent.HELP, Intent.SMALLTALK}
_PARTS = re.compile(r"[^a-z0-9가-힣]+")
_UNSEEN = Text(
    ko="{systems} 쪽은 제가 보지 못합니다. YARN과 Spark standalone만 봅니다.",
    en="I cannot see {systems}: I look at YARN and Spark standalone only.",
)


def unseen_systems(text: str, view: ThreadView, seen: Iterable[str]) -> tuple[str, ...]:
    """Return the systems a message speaks of that are not looked at; `seen` are YARN's types.

    A word that is part of a known name, owner or queue speaks of that.
    """
    said, types = text.casefold(), {each.casefold() for each in seen}
    known = {
        part
        for name in (*view.names, *view.users, *view.queues)
        for part in _PARTS.split(name.casefold())
    }
    return tuple(
        system.name
        for system in SYSTEMS
        if not (system.type and types & {"*", system.type.casefold()})
        and any(_says(word, said) for word in {system.name.casefold(), *system.words} - known)
    )


def _says(word: str, text: str) -> bool:
    """Tell whether a word stands for itself in a text; a Korean particle may follow."""
    return re.search(rf"(?<![\w.\-]){re.escape(word)}(?![a-z0-9_.\-])", text) is not None


def told_first(systems: Sequence[str], reading: Understanding, facts: Facts) -> bool:
    """Tell whether an answer begins with what is not seen: not where documents speak of it."""
    if reading.intent in _OF_OURS:
        return False
    if not isinstance(facts, GuideFacts):
        return True
    found = [each.passages for each in (facts.manual, facts.history, facts.web) if each]
    texts = [passage.text.casefold() for passages in found for passage in passages]
    return not any(_says(word, text) for word in _words(systems) for text in texts)


def _words(systems: Sequence[str]) -> set[str]:
    named = [each for each in SYSTEMS if each.name in systems]
    return {word for each in named for word in (each.name.casefold(), *each.words)}


def unseen(systems: Sequence[str], language: Language) -> Wording:
    """Say what is not seen, and where it is."""
    first = _UNSEEN(language, systems=", ".join(systems))
    told = {each.instead: None for each in SYSTEMS if each.name in systems}
    rest = " ".join(instead(language) for instead in told)
    lead = Paragraph((bold(first), Span(f" {rest}")))
    return Wording(f"{first} {rest}", (lead,))
