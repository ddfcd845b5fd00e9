"""Saying which part of the picture is missing, and why."""

from collections.abc import Iterable

from bot.domain.language import Language, Text
from bot.errors import FaultKind, FaultReason, Missing

SYSTEMS = {
    "prometheus": Text(ko="Prometheus(측정값)", en="Prometheus (measurements)"),
    "alertmanager": Text(ko="Alertmanager(알람)", en="Alertmanager (alerts)"),
    "yarn": Text(ko="YARN ResourceManager", en="YARN ResourceManager"),
    "spark": Text(ko="Spark 마스터", en="Spark master"),
    "gateway": Text(ko="클러스터 게이트웨이", en="the cluster's gateway"),
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
    FaultKind.HIDDEN: Text(ko="일부 수치를 숨깁니다", en="hides some figures"),
    FaultKind.PARTIAL: Text(ko="일부만 답했습니다: {detail}", en="answered in part: {detail}"),
    FaultKind.IMPLAUSIBLE: Text(
        ko="있을 수 없는 값을 보냈습니다: {detail}", en="sent an impossible figure: {detail}"
    ),
    FaultKind.SETTLING: Text(
        ko="방금 넘겨받아 아직 온전하지 않습니다(노드와 수치가 돌아오는 중)",
        en="has just taken over and is not whole yet: nodes and figures are coming back",
    ),
    FaultKind.UNMATCHED: Text(
        ko="노드 이름이 스케줄러와 맞지 않습니다({detail})",
        en="calls its nodes otherwise than the scheduler does ({detail})",
    ),
}
REASONS = {
    FaultReason.NAME: Text(
        ko="주소의 호스트 이름을 찾을 수 없습니다", en="has a host name that does not resolve"
    ),
    FaultReason.CLOSED: Text(ko="포트가 닫혀 있습니다", en="refuses the connection"),
    FaultReason.FOREIGN_CA: Text(
        ko="인증서를 믿을 수 없습니다", en="has a certificate that is not trusted here"
    ),
    FaultReason.NOT_TLS: Text(ko="https가 아니라 http를 씁니다", en="speaks http, not https"),
    FaultReason.TLS_WANTED: Text(ko="http가 아니라 https를 씁니다", en="speaks https, not http"),
    FaultReason.TLS: Text(ko="TLS 연결에 실패했습니다", en="failed at TLS"),
    FaultReason.PROXY: Text(ko="프록시가 거부했습니다", en="is not let through by the proxy"),
    FaultReason.REDIRECT: Text(ko="다른 곳으로 넘깁니다", en="sends elsewhere"),
    FaultReason.LOGIN: Text(
        ko="로그인 화면을 보냈습니다", en="sent a page for people, such as a sign-in"
    ),
    FaultReason.NOT_FOUND: Text(ko="그 경로를 모릅니다", en="does not know that path"),
    FaultReason.CREDENTIALS: Text(ko="인증을 요구합니다", en="wants credentials"),
    FaultReason.FORBIDDEN: Text(ko="접근을 거부했습니다", en="refused access"),
    FaultReason.LIMIT: Text(
        ko="요청이 몰려 지금은 답하지 않습니다", en="is busy and takes no requests now"
    ),
    FaultReason.NEGOTIATE: Text(ko="Kerberos 인증을 요구합니다", en="wants Kerberos"),
    FaultReason.NO_TICKET: Text(
        ko="Kerberos 티켓이 없습니다", en="was not asked: there is no Kerberos ticket"
    ),
    FaultReason.EXPIRED_TICKET: Text(
        ko="Kerberos 티켓이 만료되었습니다", en="was not asked: the Kerberos ticket has expired"
    ),
    FaultReason.ADDRESS: Text(
        ko="IP 주소로는 Kerberos 인증을 할 수 없습니다",
        en="was not asked: Kerberos wants a host name, not an address",
    ),
}
HIDDEN = Text(
    ko="YARN이 {count}개 잡의 수치를 숨깁니다(YARN_USER에 조회 권한 VIEW_APP이 없습니다)",
    en="YARN hides the figures of {count} jobs (YARN_USER lacks the right VIEW_APP)",
)
SPECIAL: dict[tuple[str, FaultKind | FaultReason], Text] = {
    ("yarn", FaultKind.HIDDEN): HIDDEN,
    ("web", FaultKind.NO_DATA): Text(
        ko="질문에 밖으로 보내도 되는 말이 없어 웹은 검색하지 않았습니다",
        en="the web was not asked, as nothing in the question may leave the house",
    ),
    ("web", FaultKind.NOT_CONFIGURED): Text(
        ko="웹 검색에는 TAVILY_API_KEY 설정이 필요합니다",
        en="searching the web takes the setting TAVILY_API_KEY",
    ),
    ("web", FaultReason.CREDENTIALS): Text(
        ko="웹 검색이 TAVILY_API_KEY를 거부했습니다",
        en="the web search refused TAVILY_API_KEY",
    ),
    ("web", FaultReason.LIMIT): Text(
        ko="웹 검색(Tavily)의 사용 한도를 다 썼습니다",
        en="the plan of the web search (Tavily) is used up",
    ),
}
"""Whole sentences for what its system's name alone does not explain."""
_ADDED = frozenset(
    {
        FaultKind.HIDDEN,
        FaultKind.PARTIAL,
        FaultKind.IMPLAUSIBLE,
        FaultKind.SETTLING,
        FaultKind.UNMATCHED,
    }
)
TAKEN_OVER = Text(
    ko="YARN ResourceManager가 방금 넘겨받아 아직 온전하지 않습니다. 노드와 잡의 수치가 1분 안에 돌아옵니다.",
    en="YARN's ResourceManager has just taken over and is not whole yet. Nodes and figures of jobs come back within a minute.",
)
NAMED = Text(ko="{name}: {words}", en="{name} {words}")
LINE = Text(ko="확인 못한 것: {parts}.", en="Missing: {parts}.")


def takeover(missing: Iterable[Missing], language: Language) -> str:
    """Return what to say first while a ResourceManager is not whole yet, or an empty string."""
    settling = any(item.kind is FaultKind.SETTLING for item in missing)
    return TAKEN_OVER(language) if settling else ""


def why_of(item: Missing) -> Text:
    """Return the words for why a part is missing: the cause where it is known, else its kind."""
    known = KINDS[item.kind] if item.reason is None else REASONS[item.reason]
    return _special(item) or known


def _special(item: Missing) -> Text | None:
    return SPECIAL.get((item.system, item.reason or item.kind))


def said(missing: Iterable[Missing], language: Language) -> str:
    """Return one line naming each missing system once, or an empty string."""
    parts: dict[tuple[str, str], str] = {}
    for item in missing:
        system = SYSTEMS.get(item.system)
        name = system(language) if system else item.system
        words = why_of(item)(language, count=item.count, detail=item.detail)
        # One failure of a system tells for all that follow from it; what is left out adds to it.
        told = item.kind.value if item.kind in _ADDED else ""
        parts.setdefault(
            (item.system, told),
            words if _special(item) else NAMED(language, name=name, words=words),
        )
    return LINE(language, parts="; ".join(parts.values())) if parts else ""
