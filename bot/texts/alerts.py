"""What is said of an alert by itself: its subject, its repeats, and alerts that are not ours."""

from bot.domain.alerts import Metric
from bot.domain.language import Text

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
TOLD = Text(ko="알람에 적힌 {metric}: {value}.", en="The alert tells {metric} {value}.")
TITLE = Text(ko="알람: {title}", en="Alert: {title}")
METRICS = {
    Metric.CPU: Text(ko="CPU", en="CPU"),
    Metric.LOAD: Text(ko="부하(load)", en="load"),
    Metric.MEMORY: Text(ko="메모리 사용률", en="memory use"),
    Metric.DISK: Text(ko="디스크 사용률", en="disk use"),
    Metric.HDFS: Text(ko="HDFS 사용률", en="HDFS use"),
    Metric.NETWORK: Text(ko="네트워크", en="network"),
    Metric.GPU: Text(ko="GPU", en="GPU"),
    Metric.THROTTLING: Text(ko="스로틀링", en="throttling"),
    Metric.NO_DATA: Text(ko="데이터 없음", en="no data"),
    Metric.OTHER: Text(ko="수치", en="figure"),
}
ABOUT = {
    Metric.LOAD: Text(
        ko="부하(load)는 실행을 기다리는 작업까지 센 값이라 CPU 사용률과 다릅니다.",
        en="Load also counts work that waits, so it is not the same as CPU use.",
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
UNHEARD = Text(
    ko="{time}에 조사한 앞선 알람의 종료는 듣지 못했습니다. 그사이 정상이었던 것으로 보여 새로 조사합니다.",
    en="The end of the earlier alert ({time}) was not heard. It had been normal since, so this is looked at anew.",
)
OVER = Text(ko="알람이 해소되었습니다.", en="The alert is resolved.")
STILL = Text(ko="계속 울립니다, {span}째.", en="Still firing, for {span} now.")
TRACE = Text(ko="울림 {count}번째, {time}", en="Fired {count} times, last at {time}")
FLOOD = Text(
    ko="알람이 몰리고 있습니다. 1분 사이 {posts}건, 서로 다른 알람은 {alerts}개입니다. 알람마다 빠짐없이 차례로 답합니다.",
    en="Alerts are flooding in: {posts} within a minute, {alerts} different ones. Each gets its answer, one after the other.",
)
MISSED = Text(
    ko="제가 멈춰 있던 동안 울렸다가 끝난 알람이 {count}건 있습니다: {names}",
    en="{count} alerts fired and ended while I was down: {names}",
)
LATE = Text(
    ko="제가 멈춰 있던 동안의 질문이라 답이 늦었습니다. 죄송합니다.",
    en="Sorry for the late answer: I was down when you asked.",
)
