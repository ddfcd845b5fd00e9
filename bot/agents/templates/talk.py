"""Words where nothing is looked up: questions back, help, thanks, what we cannot do or do not look at."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.agents.facts import (
    Facts,
    GuideFacts,
    QuestionFacts,
    UnseenFacts,
    UnsupportedFacts,
    WordsFacts,
)
from bot.agents.templates.lists import short_id
from bot.agents.templates.wording import LABEL, RANKED, Voice, Wording, bold
from bot.domain.answers import Bullets, Button, Buttons, Note, Paragraph, Part, Span, plain
from bot.domain.conversation import (
    AgentName,
    Intent,
    ListingRow,
    ThreadView,
    Understanding,
    Wish,
    button_text,
    name_of,
)
from bot.domain.language import Language, Text

# What is said when there is nothing to look up: questions back, help, thanks.
QUESTIONS = {
    "no_listing": Text(
        ko="아직 보여 드린 목록이 없습니다. 먼저 상위 잡을 볼까요? 애플리케이션 ID로 말씀하셔도 됩니다.",
        en="No list has been shown here yet. Shall I list the top jobs first? An application id works too.",
    ),
    "unknown_rank": Text(
        ko="보여 드린 목록에 {rank}번이 없습니다. 몇 번을 말씀하십니까?",
        en="The list shown has no #{rank}. Which one do you mean?",
    ),
    "fewer_rows": Text(
        ko="보여 드린 목록은 {rows}개입니다. 몇 번을 말씀하십니까?",
        en="The list shown has only {rows} rows. Which ones do you mean?",
    ),
    "nobody": Text(
        ko="실행 중인 잡 가운데 '{value}'에 맞는 것이 없습니다. 번호나 이름으로 말씀해 주세요.",
        en="Nothing that runs matches “{value}”. Say its number or name.",
    ),
    "not_listed": Text(
        ko="실행 중이지만 보여 드린 목록에는 없는 잡입니다: {names}."
        " 종료하려면 목록을 다시 요청하거나 애플리케이션 ID로 말씀해 주세요.",
        en="Running, but not on the list shown: {names}."
        " To kill it, list the jobs again or say its application id.",
    ),
    "ambiguous": Text(
        ko="여러 잡에 해당합니다. 몇 번을 말씀하십니까?",
        en="That fits several jobs. Which numbers do you mean?",
    ),
    "which_one": Text(
        ko="몇 번 잡인가요? 이름이나 ID로 말씀하셔도 됩니다.",
        en="Which job: its number, name or id?",
    ),
    "nothing_left": Text(
        ko="빼고 나면 남는 잡이 없습니다. 어느 잡을 말씀하십니까?",
        en="Nothing is left after leaving those out. Which jobs do you mean?",
    ),
    "which_queue": Text(
        ko="어느 큐를 말씀하십니까? 지금 잡이 실행 중인 큐: {names}.",
        en="Which queue do you mean? Queues with running jobs: {names}.",
    ),
    "two_requests": Text(
        ko="한 번에 여러 가지를 말씀하셨습니다. 종료할 잡만 번호로 다시 말씀해 주세요.",
        en="That was several things at once. Please say only which numbers to kill.",
    ),
    "which_reading": Text(ko="어느 쪽입니까?", en="Which do you mean?"),
    "not_understood": Text(
        ko="질문을 이해하지 못했습니다. 조금 다르게 말씀해 주시겠습니까? '도움말'이라고 하시면 예를 보여 드립니다.",
        en="I did not understand. Could you put it differently? Say “help” for examples.",
    ),
}
MAKE_CARD = Text(ko="종료 카드 만들기", en="make a kill card")
MEANT = Text(ko="{jobs} {wanted}", en="{jobs}: {wanted}")
CANDIDATE = Text(ko="{rank}번 {name} ({user}, {id})", en="#{rank} {name} ({user}, {id})")

HELP_TITLE = Text(ko="이렇게 물어보세요", en="What you can ask")
HELP_ITEMS = (
    Text(ko="현재 클러스터 가동율 알려줘", en="How busy is the cluster right now?"),
    Text(ko="CPU가 왜 높아?", en="Why is CPU so high?"),
    Text(ko="리소스를 많이 사용하는 spark 잡 3개 보여줘", en="Show the top 3 Spark jobs"),
    Text(
        ko="2번 자세히 알려줘 · 1번 죽이면 얼마나 내려가?",
        en="Tell me more about #2 · What if we kill #1?",
    ),
    Text(ko="이 중에서 상위 2개 종료해줘", en="Kill the top 2"),
    Text(ko="클러스터 사용율이 떨어졌는지 확인해줘", en="Did the CPU go down?"),
    Text(
        ko="어제 이 시간이랑 비교해줘", en="Compare with yesterday · Is it higher than an hour ago?"
    ),
    Text(ko="이 큐에서 줄여도 되는 잡은?", en="Which jobs in this queue could we cut?"),
    Text(
        ko="가동율이 높을 때 어떻게 해야 돼? · 전에도 이런 적 있어?",
        en="What does the runbook say? · Any past incidents?",
    ),
    Text(
        ko="etl 큐에 20코어 자리 있어? · 유저별 코어 합계",
        en="Is there room for 20 cores? · Cores per user",
    ),
    Text(
        ko="CPU 80 밑으로 내려가면 알려줘 · 인수인계 써줘",
        en="Tell me when CPU is below 80 · Write a handover",
    ),
    Text(ko="누가 승인했어? · 취소해", en="Who approved it? · Cancel that"),
)
HELP_KILL = Text(
    ko="잡은 승인자가 카드의 승인 버튼을 눌러야만 종료됩니다. 글로 쓴 승인은 세지 않습니다.",
    en="A job dies only when an approver presses Approve on the card. Typed approvals do not count.",
)
HOLD = Text(
    ko="기다리겠습니다. 카드는 열려 있습니다. 거둘까요?",
    en="Holding. The card is still open; shall I withdraw it?",
)
WITHDRAW = Text(ko="카드 거두기", en="Withdraw the card")
WORDS = {
    "help": Text(ko="도움말", en="Help"),
    "smalltalk": Text(
        ko="네, 필요하면 언제든 불러 주세요.", en="Any time. Ask me whenever you need me."
    ),
    "none": Text(
        ko="알겠습니다. 아무것도 종료하지 않습니다.", en="Understood. Nothing will be killed."
    ),
    "unsure": Text(
        ko="무슨 말씀인지 이해하지 못했습니다. '상위 5개 잡'이나 'CPU가 왜 높아?'처럼 말씀해 주세요. '도움말'에 예가 더 있습니다.",
        en="I did not understand that. Try “top 5 jobs” or “why is CPU high?”, or say “help”.",
    ),
    "out_of_scope": Text(
        ko="저는 클러스터와 Spark 잡에 관한 일만 돕습니다. '도움말'이라고 하시면 예를 보여 드립니다.",
        en="I only help with the cluster and its Spark jobs. Say “help” for examples.",
    ),
    "use_buttons": Text(
        ko="글로 쓴 승인은 세지 않습니다. 카드의 승인 또는 거절 버튼을 눌러 주세요.",
        en="Typed approvals do not count. Please press Approve or Reject on the card.",
    ),
}

UNREADABLE = Text(
    ko="지금은 클러스터를 읽을 수 없어 답할 수 없습니다.",
    en="The cluster cannot be read right now, so this cannot be answered.",
)


def question(facts: QuestionFacts, voice: Voice) -> Wording:
    """Ask back, showing the candidates where there are some."""
    language = voice.language
    ask = QUESTIONS.get(facts.key, QUESTIONS["which_one"])
    sentence = ask(language, **facts.values)
    items = tuple(
        (
            Span(
                CANDIDATE(
                    language, rank=row.rank, name=row.name, user=row.user, id=short_id(row.ref.id)
                )
            ),
        )
        for row in facts.candidates[:5]
    )
    parts: tuple[Part, ...] = (plain(sentence), *((Bullets(items),) if items else ()))
    buttons = tuple(
        Button("take_reading", reading_label(reading, rows, language)[:LABEL], value)
        for reading, rows in facts.meant
        if (value := button_text(reading))
    )
    if buttons:
        parts = (*parts, Buttons(buttons))
    return Wording(sentence, parts, intent=Intent.CLARIFY)


def reading_label(reading: Understanding, rows: tuple[ListingRow, ...], language: Language) -> str:
    """Return what a message may have meant in a few words: what is wanted, and of which rows."""
    wanted = name_of(reading.intent, language)
    if reading.intent is Intent.KILL:
        wanted = MAKE_CARD(language)
    jobs = ", ".join(RANKED(language, rank=row.rank, name=row.name) for row in rows[:3])
    more = " …" if len(rows) > 3 else ""  # noqa: PLR2004 - as many as a button holds
    return MEANT(language, jobs=jobs + more, wanted=wanted) if jobs else wanted


def words(facts: WordsFacts, voice: Voice) -> Wording:
    """Say the few things that need no facts."""
    language = voice.language
    if facts.key == Intent.NONE.value and facts.open_card:
        sentence = HOLD(language)
        cancel = Understanding(Intent.CANCEL, AgentName.DATA_ENGINEER, language)
        button = Button("take_reading", WITHDRAW(language), button_text(cancel))
        return Wording(sentence, (plain(sentence), Buttons((button,))))
    sentence = WORDS[facts.key](language)
    if facts.key != "help":
        return Wording(sentence, (plain(sentence),))
    items = tuple((Span(item(language)),) for item in HELP_ITEMS)
    parts = (
        Paragraph((bold(HELP_TITLE(language)),)),
        Bullets(items),
        Note(HELP_KILL(language)),
    )
    return Wording(sentence, parts)


# What we cannot do, and systems we do not look at: one line that says so, and what to do instead.
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
