"""Saying which part of the picture is missing, and why."""

from collections.abc import Iterable

from bot.domain.language import Language, Text
from bot.errors import FaultKind, Missing

SYSTEMS = {
    "prometheus": Text(ko="Prometheus(측정값)", en="Prometheus (measurements)"),
    "alertmanager": Text(ko="Alertmanager(알람)", en="Alertmanager (alerts)"),
    "yarn": Text(ko="YARN ResourceManager", en="YARN ResourceManager"),
    "spark": Text(ko="Spark 마스터", en="Spark master"),
    "operation_manual": Text(ko="운영 매뉴얼", en="operation manual"),
    "operation_history": Text(ko="운영 이력", en="incident history"),
    "web": Text(ko="웹 검색", en="web search"),
}
KINDS = {
    FaultKind.NOT_CONFIGURED: Text(ko="설정되지 않았습니다", en="is not configured"),
    FaultKind.UNREACHABLE: Text(ko="연결되지 않습니다", en="cannot be reached"),
    FaultKind.TIMEOUT: Text(ko="제때 응답하지 않습니다", en="did not answer in time"),
    FaultKind.REFUSED: Text(ko="접근을 거부했습니다", en="refused access"),
    FaultKind.STANDBY: Text(ko="활성 노드를 찾지 못했습니다", en="has no active node"),
    FaultKind.FAILED: Text(ko="오류를 돌려주었습니다", en="answered with an error"),
    FaultKind.BAD_ANSWER: Text(ko="읽을 수 없는 답을 보냈습니다", en="sent an unreadable answer"),
    FaultKind.NO_DATA: Text(ko="값이 없거나 오래되었습니다", en="has no recent data"),
}
NOTHING_SENT = Text(
    ko="밖으로 보내도 되는 말이 질문에 없어 검색하지 않았습니다",
    en="was not asked: nothing in the question may leave the house",
)
SPECIAL = {("web", FaultKind.NO_DATA): NOTHING_SENT}
LINE = Text(ko="확인 못한 것: {parts}.", en="Missing: {parts}.")


def said(missing: Iterable[Missing], language: Language) -> str:
    """Return one line naming each missing system once, or an empty string."""
    parts: dict[str, str] = {}
    for item in missing:
        system = SYSTEMS.get(item.system)
        name = system(language) if system else item.system
        why = SPECIAL.get((item.system, item.kind), KINDS[item.kind])
        parts.setdefault(item.system, f"{name} {why(language)}")
    return LINE(language, parts="; ".join(parts.values())) if parts else ""
