"""What is said of the cluster and its alerts: status, comparison, diagnosis, whose alert it is, its end."""

from bot.domain.alerts import Metric
from bot.domain.cluster import ClusterMetrics, NodeCounts, NodeState, NodeUsage
from bot.domain.conversation import Topic
from bot.domain.language import Language, Text

CPU_MEASURED = Text(
    ko="{cluster} 클러스터의 CPU 사용률은 {cpu}입니다.",
    en="Cluster {cluster} is at {cpu} CPU.",
)
CPU_GRANTED = Text(
    ko="{cluster} 클러스터의 vCore 할당률은 {cpu}입니다. 실제 CPU 사용률은 측정되지 않습니다.",
    en="Cluster {cluster} has {cpu} of its vcores granted. Actual CPU use is not measured.",
)
CPU_UNKNOWN = Text(
    ko="{cluster} 클러스터의 CPU 사용률을 확인하지 못했습니다.",
    en="The CPU use of cluster {cluster} could not be read.",
)
LAST_HOUR = Text(
    ko="지난 1시간 평균 {mean}, 최고 {high}", en="last hour {mean} on average, {high} at most"
)
HIGH_SINCE = Text(
    ko="{time}쯤부터 {limit}를 넘었습니다({age}째).", en="Above {limit} since about {time} ({age})."
)
HIGH_ALL_HOUR = Text(
    ko="1시간 넘게 {limit}를 넘고 있습니다.", en="Above {limit} for more than an hour."
)
HOTTEST = Text(ko="가장 바쁜 노드: {nodes}.", en="Busiest nodes: {nodes}.")
PAIR = Text(ko="{label} {value}", en="{label} {value}")
NODES_FAULTY = Text(
    ko="노드 {members}대 중 {count}대에 문제가 있습니다: {states}.",
    en="{count} of {members} nodes are out of order: {states}.",
)
TAKEN = Text(ko="{time} 기준", en="as of {time}")

NODE_IS = Text(
    ko="{name} 노드는 CPU {cpu}, 메모리 {memory}입니다.",
    en="Node {name} is at {cpu} CPU and {memory} memory.",
)
NODE_FAULTY = Text(
    ko="{name} 노드에 문제가 있습니다: {state}.", en="{name} is out of order: {state}."
)
NODES_KNOWN = Text(ko="노드 {count}대가 보입니다.", en="{count} nodes are seen.")
NODE_STATES = {
    NodeState.UNHEALTHY: Text(ko="비정상(UNHEALTHY)", en="unhealthy"),
    NodeState.LOST: Text(ko="응답 없음(LOST)", en="lost"),
    NodeState.REBOOTED: Text(ko="재등록 대기(REBOOTED)", en="rebooted"),
    NodeState.DRAINING: Text(ko="퇴역 중(DECOMMISSIONING)", en="decommissioning"),
    NodeState.UNKNOWN: Text(ko="상태 불명", en="state unknown"),
}
NODES_RESPOND = Text(ko="노드 {count}대가 모두 응답합니다.", en="All {count} nodes respond.")
QUEUES_OVER = Text(ko="보장 용량을 넘은 큐: {queues}.", en="Queues over their capacity: {queues}.")
QUEUE_OVER = Text(ko="{name} {used}(용량 {capacity})", en="{name} {used} (capacity {capacity})")
QUEUES_WITHIN = Text(ko="보장 용량을 넘은 큐는 없습니다.", en="No queue is over its capacity.")
PART_IS = Text(ko="{part} {value}.", en="{part}: {value}.")
PART_UNKNOWN = Text(
    ko="{part} 수치를 알 수 없습니다. 알려 주는 시스템이 없습니다.",
    en="{part}: unknown. No system tells it.",
)

ALERTS_UNKNOWN = Text(
    ko="울리는 알람은 알 수 없습니다. Alertmanager가 연결되어 있지 않습니다.",
    en="Which alerts fire is unknown: no Alertmanager is connected.",
)

LABELS = {
    Topic.MEMORY: Text(ko="메모리", en="Memory"),
    Topic.DISK: Text(ko="디스크", en="Disk"),
    Topic.HDFS: Text(ko="HDFS", en="HDFS"),
    Topic.NETWORK: Text(ko="네트워크 수신 / 송신", en="Network in / out"),
    Topic.NODES: Text(ko="노드", en="Nodes"),
    Topic.CPU: Text(ko="CPU", en="CPU"),
    Topic.QUEUES: Text(ko="큐", en="Queues"),
    Topic.ALERTS: Text(ko="알람", en="Alerts"),
}
ALERTS_LABEL = Text(ko="알람", en="Alerts")
ALERTS_NONE = Text(ko="없음", en="none")
ALERTS = Text(ko="{count}개 울림: {names}", en="{count} firing: {names}")
ALERTS_QUIET = Text(ko="사일런스 {count}개: {names}", en="{count} silenced: {names}")
SILENCES_LABEL = Text(ko="적용 중인 사일런스", en="Silences in force")
SILENCE = Text(ko="{matches} ({until}까지, {by})", en="{matches} (until {until}, {by})")
ALSO_ALERTING = Text(ko="Alertmanager: {alerts}.", en="Alertmanager: {alerts}.")
JOBS_LABEL = Text(ko="잡", en="Jobs")
JOBS = Text(ko="실행 {running} · 대기 {waiting}", en="{running} running · {waiting} waiting")
NODES = Text(ko="{count}대", en="{count}")
NODE_HEADS = (Text(ko="노드", en="Node"), Text(ko="CPU", en="CPU"), Text(ko="메모리", en="Memory"))
QUEUE_HEADS = (
    Text(ko="큐", en="Queue"),
    Text(ko="사용", en="Used"),
    Text(ko="보장 용량", en="Capacity"),
    Text(ko="최대", en="Maximum"),
    Text(ko="실행", en="Running"),
    Text(ko="대기", en="Waiting"),
)
MORE_NODES = Text(
    ko="CPU가 높은 {shown}대만 표시했습니다. 전체는 {total}대입니다.",
    en="The {shown} busiest of {total} nodes are shown.",
)

DROPPED = Text(
    ko="CPU 사용률이 {before}에서 {now}로 내려갔습니다({points}).",
    en="CPU use went down from {before} to {now} ({points}).",
)
ROSE = Text(
    ko="CPU 사용률이 {before}에서 {now}로 올라갔습니다({points}).",
    en="CPU use went up from {before} to {now} ({points}).",
)
SAME = Text(
    ko="CPU 사용률은 {before}에서 {now}로 거의 그대로입니다.",
    en="CPU use has hardly changed: {before} before, {now} now.",
)
NO_BEFORE = Text(
    ko="CPU 사용률은 {now}입니다. 비교할 이전 값이 없습니다.",
    en="CPU use is {now}. There is no earlier figure to compare with.",
)
SINCE_KILL = Text(
    ko="{time}에 승인된 종료({names}) 전과 비교했습니다.",
    en="Compared with before the kill approved at {time} ({names}).",
)
SINCE_ALERT = Text(
    ko="알람을 처음 조사한 {time}과 비교했습니다.",
    en="Compared with {time}, when the alert was first looked at.",
)
SINCE_HOUR = Text(
    ko="지난 1시간 평균과 비교했습니다.", en="Compared with the average of the last hour."
)
STILL_HIGH = Text(
    ko="아직 높습니다. 상위 잡을 더 확인하는 것이 좋습니다.",
    en="It is still high. Look at the heaviest jobs next.",
)

OUTSIDE_HEAT = Text(
    ko="컨테이너 밖에서 {cores}: YARN 잡이 아닙니다({nodes}).",
    en="{cores} outside of containers: these are no YARN jobs ({nodes}).",
)
RISEN = Text(ko="{name}: {time}부터 {before} → {now}.", en="{name}: {before} → {now} since {time}.")
RUNAWAY = Text(
    ko=" — 폭주로 보입니다. 근거: {evidence}.",
    en=" — looks like a runaway: {evidence}.",
)
HEAVY = Text(
    ko=" — 무겁지만 폭주로 볼 근거는 부족합니다: {evidence}.",
    en=" — heavy, but not enough says it is out of hand: {evidence}.",
)
PROTECTED_NOTE = Text(ko=" 보호 대상입니다.", en=" It is protected.")
SHARE_OF_CORES = Text(ko="전체 코어의 {share}", en="{share} of all cores")
EVIDENCE_SHARE = Text(ko="전체의 {seen}(기준 {limit})", en="{seen} of the cluster (limit {limit})")
SHARE_OF_NODES = Text(ko="{nodes} 코어의 {share}", en="{share} of the cores of {nodes}")
EVIDENCE_NODES = Text(
    ko="{nodes} 코어의 {seen}(기준 {limit})", en="{seen} of the cores of {nodes} (limit {limit})"
)
EVIDENCE_LONG = Text(
    ko="{seen}시간째 실행, 평소의 3배인 {limit}시간 초과",
    en="running {seen} h, over three times its usual length ({limit} h)",
)
EVIDENCE_UNUSUAL = Text(
    ko="이 시간대 평소 {limit}코어, 지금 {seen}코어",
    en="usually {limit} cores at this hour, now {seen}",
)
EVIDENCE_GROWTH = Text(
    ko="{before} → {seen}코어로 두 배 넘게 늘어남",
    en="more than doubled, from {before} to {seen} cores",
)
EVIDENCE_QUEUE = Text(
    ko="큐가 보장 용량 {limit}를 넘어 {seen} 사용",
    en="its queue uses {seen}, over its capacity of {limit}",
)

RESOLVED = Text(
    ko="알람이 해소되었습니다. CPU 사용률은 {now}입니다.",
    en="The alert is resolved. CPU use is {now}.",
)
RESOLVED_FROM = Text(
    ko="알람이 해소되었습니다. CPU 사용률이 {before}에서 {now}로 바뀌었습니다.",
    en="The alert is resolved. CPU use went from {before} to {now}.",
)
RESOLVED_STILL_HIGH = Text(
    ko="알람은 해소되었지만 방금 읽은 CPU 사용률은 {now}로 아직 높습니다. 잠시 뒤 다시 확인해 주세요.",
    en="The alert is resolved, but CPU just read {now}, which is still high. Check again shortly.",
)
DURATION = Text(
    ko="조사 시작부터 {duration} 걸렸습니다.", en="It took {duration} from our first look."
)
KILLED = Text(ko="종료한 잡: {names}.", en="Killed: {names}.")
NOTHING_KILLED = Text(ko="종료한 잡은 없습니다.", en="No job was killed.")

REFRESH = Text(ko="새로고침", en="Refresh")
TOP_FIVE = Text(ko="상위 5개 잡", en="Top 5 jobs")
WHY = Text(ko="왜 높은가요?", en="Why is it high?")
CHART = Text(ko="그래프", en="Chart")
PROPOSE = Text(ko="종료 제안: {rank}번 {name}", en="Propose killing #{rank} {name}")


NAMED = 5  # faulty nodes named in a sentence


def node_faulty(node: NodeUsage, language: Language) -> str:
    """Return what is wrong with one node, in the words of its own health report."""
    return NODE_FAULTY(language, name=node.name, state=_state(node, language))


def node_states(metrics: ClusterMetrics, language: Language) -> str:
    """Return how many nodes are out of order and which, or that all of them respond.

    Where no scheduler tells the states of all, only how many are seen.
    """
    counts = metrics.node_counts
    if counts is None:
        return NODES_KNOWN(language, count=len(metrics.nodes))
    if not counts.faulty:
        known = NODES_RESPOND if counts.members and not counts.unknown else NODES_KNOWN
        words = known(language, count=counts.members)
        others = states_counted(counts, language)
        return f"{words} ({others})" if others else words
    named = [f"{node.name} {_state(node, language)}" for node in metrics.nodes if not node.healthy]
    states = ", ".join(named[:NAMED]) if named else states_counted(counts, language)
    return NODES_FAULTY(language, members=counts.members, count=counts.faulty, states=states)


def _state(node: NodeUsage, language: Language) -> str:
    words = NODE_STATES[node.state](language)
    return f"{words} – {node.reason}" if node.reason else words


def node_name(node: NodeUsage, language: Language) -> str:
    """Return a node's name, with its state where that is not the usual one."""
    known = NODE_STATES.get(node.state)
    return node.name if known is None else f"{node.name} · {known(language)}"


def states_counted(counts: NodeCounts, language: Language) -> str:
    """Return how many nodes are in each state that is worth saying, or an empty string."""
    told = (
        (NodeState.UNHEALTHY, counts.unhealthy),
        (NodeState.LOST, counts.lost),
        (NodeState.REBOOTED, counts.rebooted),
        (NodeState.DRAINING, counts.draining),
        (NodeState.UNKNOWN, counts.unknown),
    )
    return ", ".join(f"{NODE_STATES[state](language)} {count}" for state, count in told if count)


def hottest(nodes: tuple[NodeUsage, ...], count: int) -> tuple[NodeUsage, ...]:
    """Return the nodes with the highest CPU, those without a figure last."""
    return tuple(
        sorted(nodes, key=lambda node: (node.cpu_percent is None, -(node.cpu_percent or 0.0)))[
            :count
        ]
    )


# What is said of an alert: its subject, its end, and that it is not ours.
FOREIGN = Text(
    ko="{named} 알람은 이 클러스터({ours})의 것이 아닙니다. 저는 {ours}만 볼 수 있습니다.",
    en="This alert is about {named}, which is not this cluster ({ours}); I only see {ours}.",
)
SPEAKS_OF = Text(ko="{ours} 클러스터 기준입니다.", en="This is about cluster {ours}.")
STRANGERS = Text(
    ko="{hosts}은(는) {cluster} 클러스터의 노드가 아닙니다. 이 호스트의 수치는 볼 수 없습니다.",
    en="{hosts} is not a node of cluster {cluster}; I cannot see that host's figures.",
)
NO_NODES = Text(
    ko="{hosts}이(가) {cluster}의 노드인지 확인하지 못했습니다. 노드 목록을 읽을 수 없습니다.",
    en="Whether {hosts} is a node of {cluster} is unknown: the list of nodes cannot be read.",
)
UNSURE = Text(
    ko="{named}이(가) {cluster}인지 알 수 없어 종료 버튼을 두지 않았습니다. 같은 클러스터라면 CLUSTER_ALIASES에 적어 주세요.",
    en="No kill buttons: I cannot tell whether {named} is {cluster}. If it is, name it in CLUSTER_ALIASES.",
)
ALERT_TELLS = Text(ko="알람에 적힌 {metric}: {value}.", en="The alert tells {metric} {value}.")
ALERT_TITLE = Text(ko="알람: {title}", en="Alert: {title}")
ALERT_METRICS = {
    Metric.CPU: Text(ko="CPU", en="CPU"),
    Metric.LOAD: Text(ko="부하(load)", en="load"),
    Metric.WAITING: Text(ko="CPU 대기(iowait, steal)", en="CPU wait (iowait, steal)"),
    Metric.MEMORY: Text(ko="메모리 사용률", en="memory use"),
    Metric.DISK: Text(ko="디스크 사용률", en="disk use"),
    Metric.HDFS: Text(ko="HDFS 사용률", en="HDFS use"),
    Metric.NETWORK: Text(ko="네트워크", en="network"),
    Metric.GPU: Text(ko="GPU", en="GPU"),
    Metric.THROTTLING: Text(ko="스로틀링", en="throttling"),
    Metric.NO_DATA: Text(ko="데이터 없음", en="no data"),
    Metric.OTHER: Text(ko="수치", en="figure"),
}
ALERT_ABOUT = {
    Metric.LOAD: Text(
        ko="부하(load)는 실행을 기다리는 작업까지 센 값이라 CPU 사용률과 다릅니다.",
        en="Load also counts work that waits, so it is not the same as CPU use.",
    ),
    Metric.WAITING: Text(
        ko="iowait는 디스크를, steal은 다른 가상 머신을 기다린 시간이라 CPU를 많이 쓴다는 뜻이 아닙니다.",
        en="Iowait is time spent waiting for disks, steal for other virtual machines; it is no use of CPU.",
    ),
    Metric.MEMORY: Text(
        ko="{cluster}의 메모리 사용률은 {value}입니다.", en="Memory use of {cluster} is {value}."
    ),
    Metric.DISK: Text(
        ko="{cluster}의 디스크 사용률은 {value}입니다. 어떤 파일이 큰지는 볼 수 없습니다.",
        en="Disk use of {cluster} is {value}. Which files are large I cannot see.",
    ),
    Metric.HDFS: Text(
        ko="{cluster}의 HDFS 사용률은 {value}입니다. 어떤 경로가 큰지는 볼 수 없습니다.",
        en="HDFS use of {cluster} is {value}. Which paths are large I cannot see.",
    ),
    Metric.NETWORK: Text(
        ko="{cluster}의 네트워크 수신 / 송신은 {value}입니다.",
        en="Network in / out of {cluster} is {value}.",
    ),
    Metric.GPU: Text(
        ko="GPU 수치는 볼 수 없습니다. CPU와 잡은 물어보시면 답합니다.",
        en="I cannot see GPU figures. Ask me about CPU and jobs.",
    ),
    Metric.THROTTLING: Text(
        ko="스로틀링은 컨테이너가 자기 CPU 제한에 걸린 것으로, 클러스터가 가득 찬 것과 다릅니다.",
        en="Throttling means a container hit its own CPU limit, not that the cluster is full.",
    ),
    Metric.NO_DATA: Text(
        ko="알람 규칙을 평가하지 못했다는 알람입니다(데이터 소스 오류 또는 데이터 없음). 사용률이 높다는 뜻이 아닙니다.",
        en="The alert's rule could not be evaluated (data source error or no data); it does not say that use is high.",
    ),
    Metric.OTHER: Text(
        ko="이 알람의 수치는 직접 볼 수 없습니다.", en="I cannot see this alert's own figure."
    ),
}
ALERT_OVER = Text(ko="알람이 해소되었습니다.", en="The alert is resolved.")
