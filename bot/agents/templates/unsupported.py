"""What we cannot do, and systems we do not look at: one line that says so, and what to do instead."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.agents.facts import Facts, GuideFacts, UnseenFacts, UnsupportedFacts
from bot.agents.templates.wording import Voice, Wording, bold
from bot.domain.answers import Paragraph, Span
from bot.domain.conversation import Intent, ThreadView, Understanding, Wish
from bot.domain.language import Text

CANNOT = {
    Wish.MOVE: (
        Text(ko="잡을 다른 큐로 옮기지는 못합니다.", en="I cannot move a job to another queue."),
        Text(
            ko="yarn application -movetoqueue {id} -queue <큐> 로 옮기거나 소유자{owner}에게 부탁해 주세요.",
            en="Run yarn application -movetoqueue {id} -queue <queue>, or ask its owner{owner}.",
        ),
    ),
    Wish.PRIORITY: (
        Text(ko="우선순위는 바꾸지 못합니다.", en="I cannot change a priority."),
        Text(
            ko="yarn application -updatePriority <값> -appId {id} 로 바꿀 수 있습니다(큐 관리자 권한).",
            en="A queue admin can: yarn application -updatePriority <value> -appId {id}.",
        ),
    ),
    Wish.RESTART: (
        Text(ko="잡을 시작하거나 재시작하지는 못합니다.", en="I cannot start or restart a job."),
        Text(
            ko="스케줄러(Airflow 등)나 소유자{owner}가 다시 띄워야 합니다.",
            en="Its scheduler (such as Airflow) or its owner{owner} has to start it.",
        ),
    ),
    Wish.PAUSE: (
        Text(ko="잡을 잠시 멈추는 방법은 없습니다.", en="A running job cannot be paused."),
        Text(
            ko="그대로 두거나, 종료하고 나중에 소유자{owner}가 다시 띄우는 수밖에 없습니다.",
            en="Leave it, or kill it and have its owner{owner} start it again later.",
        ),
    ),
    Wish.RESIZE: (
        Text(
            ko="실행 중인 잡의 코어나 메모리는 줄이지 못합니다.",
            en="I cannot shrink a running job.",
        ),
        Text(
            ko="소유자{owner}가 spark.dynamicAllocation.maxExecutors 나 spark.executor.* 를 바꿔 다시 띄우면 됩니다.",
            en="Its owner{owner} can restart it with a lower spark.dynamicAllocation.maxExecutors or spark.executor.*.",
        ),
    ),
    Wish.MUTE: (
        Text(ko="알람은 제가 끄지 못합니다.", en="I cannot silence an alert."),
        Text(
            ko="Alertmanager에서 사일런스를 거는 것이 맞습니다: amtool silence add, 또는 그 웹 화면.",
            en="Set a silence in Alertmanager: amtool silence add, or its web page.",
        ),
    ),
    Wish.PAGE: (
        Text(ko="사람을 호출하지는 못합니다.", en="I cannot page or invite people."),
        Text(
            ko="여기서 @멘션하거나 호출 도구(PagerDuty 등)를 써 주세요. 전할 글은 '인수인계 써줘'로 만들어 드립니다.",
            en="Mention them here, or use your paging tool. Say “write a handover” and I write what to send.",
        ),
    ),
    Wish.CONFIG: (
        Text(ko="설정은 바꾸지 못합니다.", en="I cannot change a setting."),
        Text(
            ko="큐 용량은 capacity-scheduler.xml, 알람 기준은 Prometheus 규칙, 보호 목록은 봇의 PROTECTED 설정에서 바꿉니다.",
            en="Queue capacity is in capacity-scheduler.xml, alert limits in the Prometheus rules, protection in the bot's PROTECTED setting.",
        ),
    ),
    Wish.PERMISSION: (
        Text(ko="권한은 주거나 뺏지 못합니다.", en="I cannot grant or revoke rights."),
        Text(
            ko="승인자는 운영자가 APPROVERS나 APPROVER_GROUP으로, 제출 권한은 YARN 큐 ACL로 정합니다.",
            en="Approvers are set by the operator (APPROVERS, APPROVER_GROUP), who may submit by the YARN queue ACLs.",
        ),
    ),
    Wish.NODES: (
        Text(ko="노드는 늘리거나 빼지 못합니다.", en="I cannot add, remove or drain nodes."),
        Text(
            ko="플랫폼 담당자에게 요청해 주세요. 빼는 것은 yarn rmadmin -refreshNodes -g 로 합니다.",
            en="Ask the platform team; nodes are drained with yarn rmadmin -refreshNodes -g.",
        ),
    ),
    Wish.SCHEDULE: (
        Text(
            ko="나중에 할 일을 예약하거나 스케줄을 바꾸지는 못합니다.",
            en="I cannot schedule or reserve anything, nor change a schedule.",
        ),
        Text(
            ko="DAG는 Airflow에서 멈추거나 바꾸고, 자리 예약은 YARN ReservationSystem이나 큐 용량으로 합니다. 때가 되면 알려 드릴 수는 있습니다('etl 큐 자리 나면 알려줘').",
            en="Pause or change the DAG in Airflow; reserve room by queue capacity. I can tell you when there is room (“tell me when etl has room”).",
        ),
    ),
    Wish.UNDO: (
        Text(ko="종료는 되돌릴 수 없습니다.", en="A kill cannot be undone."),
        Text(
            ko="소유자{owner}나 스케줄러가 다시 띄워야 합니다. '누가 승인했어?'로 경위를 볼 수 있습니다.",
            en="Its owner{owner} or its scheduler has to start it again. Ask “who approved it?” for the record.",
        ),
    ),
    Wish.LOGS: (
        Text(ko="잡의 로그는 제가 읽지 못합니다.", en="I cannot read a job's log."),
        Text(
            ko="yarn logs -applicationId {id} 로 보거나 ResourceManager 화면에서 열어 주세요.",
            en="Run yarn logs -applicationId {id}, or open it in the ResourceManager's page.",
        ),
    ),
    Wish.OTHER: (
        Text(ko="그것은 제가 하지 못합니다.", en="That is something I cannot do."),
        Text(
            ko="상태를 보고, 이유를 찾고, 승인을 받아 잡을 종료하는 일을 합니다. '도움말'에 예가 있습니다.",
            en="I look at the cluster, find causes, and kill jobs once approved. Say “help” for examples.",
        ),
    ),
}
OWNED = Text(ko="({names})", en=" ({names})")
ID = Text(ko="<애플리케이션 ID>", en="<application id>")


def unsupported(facts: UnsupportedFacts, voice: Voice) -> Wording:
    """Say what cannot be done, and in the same breath how it is done."""
    language = voice.language
    cannot, instead = CANNOT[facts.wish]
    owners = ", ".join(dict.fromkeys(row.user for row in facts.rows))
    id_ = facts.rows[0].ref.id if len(facts.rows) == 1 else ID(language)
    owner = (OWNED(language, names=owners)) if owners else ""
    first, second = cannot(language), instead(language, id=id_, owner=owner)
    lead = Paragraph((bold(first), Span(" " + second)))
    return Wording(f"{first} {second}", (lead,), tuple(row.ref.id for row in facts.rows))


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
    named = [each for each in SYSTEMS if each.name in systems]
    words = {word for each in named for word in (each.name.casefold(), *each.words)}
    return not any(_says(word, text) for word in words for text in texts)


def unseen(facts: UnseenFacts, voice: Voice) -> Wording:
    """Say what is not seen, and where it is."""
    first = _UNSEEN(voice.language, systems=", ".join(facts.systems))
    told = {each.instead: None for each in SYSTEMS if each.name in facts.systems}
    rest = " ".join(instead(voice.language) for instead in told)
    lead = Paragraph((bold(first), Span(f" {rest}")))
    return Wording(f"{first} {rest}", (lead,))
