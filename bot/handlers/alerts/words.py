"""The words, emoji and fields by which monitoring tools and people tell states, as data."""

import re
from enum import IntEnum


class Sense(IntEnum):
    """What a word says: the alert began, goes on between, or is over."""

    FIRES = 1
    BETWEEN = 2
    ENDS = 3


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Verbs and states say it outright; severities say it where a state belongs; nouns hardly.
STATES: dict[Sense, frozenset[str]] = {
    Sense.FIRES: _words(
        "firing alerting triggered retriggered re-triggered problem breached breach violated"
        " violation offline unreachable opened open active activated raised started unresolved ongoing failing"
        " unhealthy abnormal anomalous anomaly degraded down unknown"
        " persists renotify re-notify reopened escalating bad tripped"
    ),
    Sense.BETWEEN: _words(
        "acknowledged acknowledgement acknowledgment acked ack unacknowledged silenced silence"
        " muted mute unmuted snoozed snooze downtime maintenance suppressed inhibited assigned"
        " reassigned unassigned delegated escalated commented comment note flapping"
        " downtimestart downtimeend investigating claimed"
    ),
    Sense.ENDS: _words(
        "resolved recovered recovery ok okay cleared clear closed ended normal normalized"
        " normalised up healthy fixed succeeded success restored inactive finished settled stable"
        " subsided deactivated rearmed passing solved stopped reset operational online available recovers resolves"
    ),
}
SEVERITIES = _words(
    "critical crit warning warn major minor fatal emergency severe disaster urgent panic"
)
# What people work on: "request opened" tells of no alert.
WORK_ITEMS = _words("request pr mr ticket task story epic branch build deployment pipeline")
NOUNS = _words("alert alarm incident notification event alerts page")
KOREAN: tuple[tuple[Sense, str], ...] = (
    (
        Sense.BETWEEN,
        r"확인\s?(?:됨|완료|함)|인지(?:됨|함|\s?완료)|접수|점검|유지\s?보수|음소거|무음|스누즈",
    ),
    (
        Sense.BETWEEN,
        r"다운타임|작업\s?중|담당자\s?(?:지정|배정|변경)|알림\s?(?:중지|끔)|억제|보류|댓글",
    ),
    (
        Sense.FIRES,
        r"비정상|미해[결소]|미복구|재발|발생|장애|경고|위험|긴급|심각|주의|치명|초과(?=했|하였|됐|되었)",
    ),
    (
        Sense.FIRES,
        r"이상\s?(?:감지|발생|징후|탐지)|임계\S*\s?(?:도달|돌파)|감지|탐지|지속\s?중|다운(?!타임)",
    ),
    (
        Sense.ENDS,
        r"해소|해제|해결|복구|(?<!비)정상(?!\s?(?:범위|수준|치|값))|회복|복귀|종료|종결|원복",
    ),
    (Sense.ENDS, r"정상\s?(?:범위|수준|치|값)\S*\s?(?:돌아|복귀|회복|진입|들어|내려)"),
    (
        Sense.ENDS,
        r"이상\s?없음|안정(?:화|\s?상태|됨)|소멸|양호|(?:처리|조치)\s?완료|내려(?:옴|왔)|가라앉",
    ),
)
# What follows an end that has not come: "해소되지 않음", "복구 필요", "종료 예정".
NOT_OVER = re.compile(r"(?:되|하)?지\s?(?:않|못)|\s?(?:안|못)\s?[됨되]|\s?(?:실패|불가|지연)")
NOT_YET = re.compile(
    r"(?:되|하)?지\s?(?:않|못)|\s?(?:안|못)\s?[됨되]|\s?(?:필요|예정|요망|바랍|요청|불가|지연|대기|실패|작업|중)"
)
GOOD_EMOJI = re.compile(
    r":[\w+-]*(?:check|green|ok\b|tada|resolved|thumbsup|relieved|sunny|recover|blue_heart)[\w+-]*:"
    "|[✅🟢☑✔🎉👌🆗💚👍🌤☀😌]"
)
BAD_EMOJI = re.compile(
    r":[\w+-]*(?:fire|rotating_light|red_|siren|bomb|skull|boom|no_entry|exclamation|sos|alarm"
    r"|octagonal|warning|bangbang|large_orange|large_yellow|\bx\b|down|alert|critical|scream)[\w+-]*:"
    "|[🔥🚨🔴🟠🟡⚠❗‼💥💣🆘⛔🛑❌☠📛🔺😱]"
)
BETWEEN_EMOJI = re.compile(
    r":[\w+-]*(?:hammer|wrench|construction|mute|zzz|no_bell|bell_with_slash|eyes|memo|speech"
    r"|hourglass|calendar|raising_hand|bust_in)[\w+-]*:|[🔧🛠🚧🔕🔇💤👀📝💬⏳]"
)
EMOJI = re.compile(r":[a-z0-9_+-]{2,40}:|[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f]")
STATE_KEY = re.compile(
    r"^(?:(?:alarm|alert|current|new|service|host|check|event|incident|monitor|trigger|알람|알림"
    r"|현재|이벤트|경보|장애)\s)?(?:state|status|상태)(?:\s?(?:is|now|change|변경))?$"
    r"|^(?:transition|상태\s?변경|notification\s?type|type|구분|상태값|알림\s?유형)$"
)
LEVEL_KEY = re.compile(r"^(?:level|severity|urgency|priority|등급|심각도|레벨|위험도)$")
BEFORE_KEY = re.compile(r"previous|prior|\bold\b|\blast\b|\bfrom\b|이전|직전|기존|과거")
# Business of people and machines in which metrics are words among others.
BUSINESS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"pull request|\bprs?\b|merge[ds]?\b|\bcommit|\bbranch|code review|리뷰|머지|커밋|브랜치",
        (
            r"\bdeploy|rollout|\breleased?\b|\bpipeline|\bbuild\b|\bci\b|changelog|\bv\d+\.\d+|\bapply\b"
            r"|배포|빌드|파이프라인|릴리[스즈]"
        ),
        r"(?<![\w-])(?:dag|task|etl|dbt)(?![\w-])|\bjob (?:run|id|name)|loaded\b|적재|스케줄러|워크플로",
        r"\bissue\b|\bticket|\bsprint|\bassignee|backlog|\bepic\b|\breview|post-?mortem|(?-i:\b[A-Z]{2,8}-\d+\b)|이슈|티켓|스프린트",
        r"meeting|calendar|\bagenda|remind|invit|standup|\bretro|starts in|회의|일정|미팅|리마인더|초대",
        (
            r"\breports?\b|weekly|\bdaily\b|monthly|digest|yesterday|last (?:week|night|month)|리포트|보고"
            r"|어제|지난\s?(?:주|달|밤)|주간|일간|월간|통계|전일"
        ),
        r"\bwiki\b|\brss\b|\bwhy\b|how to|\?(?:\s|$)|article|\bblog\b|tutorial|webinar|newsletter|\bpost(?:ed)?\b|문서|위키|공지|가이드|블로그",
        r"exception|traceback|stack ?trace|\w+Error\b|예외",
        r"\bfail(?:ed|ure|s)?\b(?! to (?:query|scrape|evaluate))|out ?of ?sync|실패",
        r"\bcve-|vulnerab|dependenc|취약점|의존성",
        (
            r"(?:created|updated|edited|modified|changed|deleted|added) (?:by|the|a|an|to)\b"
            r"|(?:생성|수정|변경|추가|삭제|등록)(?:했|됐|되었|하였)"
        ),
        r"auto-?scal|\bscal(?:ed|ing)\b|\bbecause\b|\bwill be\b|upgrad|planned|roadmap|예정|계획|업그레이드|교체 안내",
        r"\bcost|budget|billing|invoice|quota|survey|\bpoll\b|비용|요금|예산|청구|설문",
    )
)
# Words a name may have of which nothing is learnt.
EMPTY = _words(
    "prometheus alertmanager grafana cloudwatch zabbix nagios icinga datadog monitoring monitor"
    " notification message description summary details detail type info information service host"
    " check the a an is are has have been was in on of at for from to state status now alert"
    " alarm incident event linux additional reason affected back kibana opsgenie pagerduty new"
    " relic by and with all alerts everything fine again good things currently rule labels annotations value source"
    " 알림 알람 경보 이벤트 모니터링 시스템 상태 안내 서버 현재"
)
