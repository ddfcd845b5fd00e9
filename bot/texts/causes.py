"""What is said of the competing explanations for a busy cluster."""

from bot.domain.applications import Basis
from bot.domain.hypotheses import Cause, Sign
from bot.domain.language import Text

HEADING = Text(ko="원인 후보(가능성 순)", en="Possible causes, likeliest first")
HEADINGS = {
    Basis.GRANTED: Text(
        ko="원인 후보(할당 코어 기준, 실사용은 측정되지 않음)",
        en="Possible causes, by granted cores (use is not measured)",
    ),
    Basis.BOUND: Text(
        ko="원인 후보(바쁜 태스크 슬롯 기준, 실사용의 상한)",
        en="Possible causes, by busy task slots (an upper bound of use)",
    ),
}
SHARES = {
    Basis.GRANTED: Text(
        ko="전체 코어의 {share}를 할당받음(실사용은 측정되지 않음)",
        en="granted {share} of all cores (use is not measured)",
    ),
    Basis.BOUND: Text(
        ko="바쁜 슬롯으로 최대 전체 코어의 {share}",
        en="at most {share} of all cores, by busy slots",
    ),
}
LABELS = {
    Cause.BESIDE: Text(ko="컨테이너 밖의 작업", en="Work outside of containers"),
    Cause.IDLE: Text(ko="쓰지 않으면서 잡고 있는 잡", en="A job that holds cores and idles"),
    Cause.RUNAWAY: Text(ko="폭주한 잡", en="A runaway job"),
    Cause.HEAVY: Text(ko="무거운 정상 잡", en="A healthy heavy job"),
    Cause.NODES: Text(ko="노드 장애", en="Node fault"),
    Cause.RECOVERED: Text(ko="이미 회복됨", en="Already recovered"),
    Cause.NOTHING: Text(ko="이상 없음", en="Nothing wrong"),
    Cause.QUEUE: Text(ko="큐 용량 초과", en="Queue over capacity"),
    Cause.MANY: Text(ko="여러 잡이 나누어 씀", en="Spread over many jobs"),
    Cause.OUTSIDE: Text(ko="Spark 밖의 작업", en="Work outside Spark"),
}
ADVICE = {
    Cause.NODES: Text(
        ko="남은 노드가 일을 나누어 맡습니다. 노드부터 확인해 주세요.",
        en="The nodes left carry the work. Look at the nodes first.",
    ),
    Cause.RECOVERED: Text(ko="지금 조치할 것은 없습니다.", en="There is nothing to do now."),
    Cause.NOTHING: Text(ko="조치할 것이 없습니다.", en="There is nothing to do."),
    Cause.MANY: Text(
        ko="하나를 종료해도 거의 내려가지 않습니다.", en="Killing one would change little."
    ),
    Cause.BESIDE: Text(
        ko="잡을 종료해도 내려가지 않습니다. 그 노드에서 다른 프로세스를 확인해 주세요.",
        en="Killing jobs would not help. Look at other processes on those nodes.",
    ),
    Cause.IDLE: Text(
        ko="끝나면 대기 중인 잡이 그 자리를 씁니다.", en="Its end would give the waiting jobs room."
    ),
    Cause.OUTSIDE: Text(
        ko="서버에서 다른 프로세스를 확인해 주세요.", en="Look at other processes on the machines."
    ),
}
BULLET = Text(ko=" — {evidence}.", en=" — {evidence}.")
POINTS = {
    Sign.SHARE: Text(ko="전체 코어의 {seen}", en="{seen} of all cores"),
    Sign.USUAL: Text(
        ko="이 시간대 평소 {limit}코어, 지금 {seen}코어로 늘 쓰던 만큼",
        en="usually {limit} cores at this hour, now {seen}: as always",
    ),
    Sign.NEW: Text(
        ko="평소와 비교할 이 시간대 이력이 아직 부족함({seen}일)",
        en="No comparison with the usual: not enough history at this hour yet ({seen} d)",
    ),
    Sign.STEADY: Text(
        ko="{limit}코어에서 {seen}코어로 늘지 않음",
        en="no growth ({limit} to {seen} cores)",
    ),
    Sign.WITHIN: Text(
        ko="{name} 큐는 보장 용량을 넘지 않음({limit} 중 {seen})",
        en="its queue {name} is within its share ({seen} of {limit})",
    ),
    Sign.RULES: Text(
        ko="기준 {limit}개 이상에 걸린 잡 없음", en="no job meets {limit} of the rules"
    ),
    Sign.CPU: Text(ko="CPU {seen}(높음 기준 {limit})", en="CPU {seen} (high from {limit})"),
    Sign.PEAK: Text(ko="지난 1시간 최고 {seen}", en="{seen} at most over the last hour"),
    Sign.TOGETHER: Text(ko="나머지 잡은 모두 합쳐 {seen}", en="the other jobs use {seen} together"),
    Sign.SPARK: Text(
        ko="Spark 잡은 모두 합쳐 전체 코어의 {seen}",
        en="all Spark jobs together use {seen} of the cores",
    ),
    Sign.COUNT: Text(ko="눈에 띄지 않는 잡 {seen}개", en="{seen} jobs, none of which stands out"),
    Sign.LOST: Text(ko="문제가 있는 노드 {seen}대", en="{seen} nodes out of order"),
    Sign.WAITING: Text(ko="대기 중인 잡 {seen}개", en="waiting jobs: {seen}"),
    Sign.OVER: Text(
        ko="{name} 큐가 보장 용량 {limit}를 넘어 {seen} 사용",
        en="queue {name} uses {seen}, over its capacity of {limit}",
    ),
    Sign.BESIDE: Text(
        ko="쓰는 {limit}코어 중 {seen}코어가 컨테이너 밖({name})",
        en="{seen} of {limit} cores in use are outside of containers ({name})",
    ),
    Sign.HOLDS: Text(
        ko="{name}: 할당 {limit}코어 중 {seen}코어만 사용",
        en="{name} uses {seen} of its {limit} granted cores",
    ),
    Sign.NONE_OVER: Text(ko="보장 용량을 넘은 큐 없음", en="no queue is over its capacity"),
}
LARGEST = Text(ko="가장 큰 잡이 {seen}", en="the largest uses {seen}")
ALL_RESPOND = Text(ko="모든 노드가 응답", en="every node responds")
AGAINST = Text(ko=" 다만 {evidence}.", en=" But {evidence}.")
RULED_OUT = Text(ko="가능성 낮음: {causes}", en="Unlikely: {causes}")
UNLIKELY = Text(ko="{cause}({evidence})", en="{cause} ({evidence})")
NO_CAUSE = Text(
    ko="읽은 값만으로는 뚜렷한 원인을 찾지 못했습니다.",
    en="The figures read show no clear cause.",
)
