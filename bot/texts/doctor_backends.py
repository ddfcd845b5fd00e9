"""What the doctor says of the systems looked at."""

from bot.domain.language import Text
from bot.errors import FaultReason

_MEASURE = Text(
    ko="yarn-site.xml에 yarn.nodemanager.container-metrics.period-ms=2000을 넣거나(docs/ko/clusters.md)"
    " process-exporter를 쓰세요",
    en="set yarn.nodemanager.container-metrics.period-ms=2000 in yarn-site.xml (docs/clusters.md),"
    " or use process-exporter",
)
# What mends a cause; {variable} is the setting with the system's address.
FIXES: dict[str, Text] = {
    FaultReason.NAME.value: Text(
        ko="{variable}의 호스트 이름과 DNS를 확인하세요",
        en="check the host name in {variable}, and DNS",
    ),
    FaultReason.CLOSED.value: Text(
        ko="{variable}의 포트와 서비스가 떠 있는지 확인하세요",
        en="check the port in {variable}, and that the service runs",
    ),
    FaultReason.FOREIGN_CA.value: Text(
        ko="CA_BUNDLE에 그 인증서를 발급한 CA 파일을 적으세요",
        en="set CA_BUNDLE to the file of its CA",
    ),
    FaultReason.NOT_TLS.value: Text(
        ko="{variable}을 http://로 바꾸세요", en="write http:// in {variable}"
    ),
    FaultReason.TLS_WANTED.value: Text(
        ko="{variable}을 https://로 바꾸세요", en="write https:// in {variable}"
    ),
    FaultReason.TLS.value: Text(
        ko="클라이언트 인증서를 요구한다면 CLIENT_CERT에 적으세요",
        en="set CLIENT_CERT if it wants a client certificate",
    ),
    FaultReason.PROXY.value: Text(ko="BACKEND_PROXY를 확인하세요", en="check BACKEND_PROXY"),
    FaultReason.REDIRECT.value: Text(
        ko="넘긴 곳을 보고 {variable}에 직접 닿는 주소를 적으세요",
        en="it names where to: write the address that answers itself in {variable}",
    ),
    FaultReason.LOGIN.value: Text(
        ko="앞단의 로그인을 거치지 않는 주소나 토큰(…_TOKEN, …_HEADERS)을 적으세요",
        en="use an address without a sign-in page in front, or a token (…_TOKEN, …_HEADERS)",
    ),
    FaultReason.NOT_FOUND.value: Text(
        ko="{variable}의 경로를 확인하세요. YARN은 /cluster를 뺀 주소, Knox는 YARN_REST_PATH=/v1 또는 /",
        en="check the path in {variable}: for YARN without /cluster, behind Knox YARN_REST_PATH=/v1 or /",
    ),
    FaultReason.CREDENTIALS.value: Text(
        ko="…_TOKEN, …_HEADERS 또는 주소에 사용자와 암호를 적으세요",
        en="set …_TOKEN or …_HEADERS, or write user and password into the address",
    ),
    FaultReason.NEGOTIATE.value: Text(
        ko="YARN_AUTH=kerberos를 적으세요", en="set YARN_AUTH=kerberos"
    ),
    FaultReason.NO_TICKET.value: Text(
        ko="KRB5_CLIENT_KTNAME에 keytab을 적거나 kinit을 하세요",
        en="set KRB5_CLIENT_KTNAME to a keytab, or run kinit",
    ),
    FaultReason.EXPIRED_TICKET.value: Text(
        ko="KRB5_CLIENT_KTNAME에 keytab을 적으면 티켓이 저절로 갱신됩니다",
        en="set KRB5_CLIENT_KTNAME to a keytab, from which tickets are renewed",
    ),
    FaultReason.ADDRESS.value: Text(
        ko="{variable}에 IP 주소 대신 HTTP/호스트 principal의 호스트 이름을 적으세요",
        en="write the host name of its HTTP/host principal in {variable}, not its address",
    ),
}

BACKENDS: dict[str, tuple[Text, ...]] = {
    "backend_none": (
        Text(ko="볼 클러스터가 없습니다", en="there is no cluster to look at"),
        Text(ko="YARN_URL 또는 SPARK_MASTER_URL을 적으세요", en="set YARN_URL or SPARK_MASTER_URL"),
    ),
    "backend_failed": (
        Text(ko="{kind}: {detail}", en="{kind}: {detail}"),
        Text(
            ko="주소, 네트워크, 인증(앞단 프록시)을 확인하세요",
            en="check the address, the network, and any sign-in page in front",
        ),
    ),
    "backend_wrong": (
        Text(ko="{detail}", en="{detail}"),
        Text(ko="설정을 고치세요", en="mend that setting"),
    ),
    "yarn_active": (Text(ko="활성 {address} ({version})", en="active {address} ({version})"),),
    "yarn_standby": (Text(ko="대기 {address} ({version})", en="standby {address} ({version})"),),
    "yarn_no_active": (
        Text(ko="활성 ResourceManager가 없습니다", en="there is no active ResourceManager"),
        Text(
            ko="YARN_URL에 ResourceManager 주소를 모두 적으세요",
            en="name all ResourceManager addresses in YARN_URL",
        ),
    ),
    "yarn_two_clusters": (
        Text(
            ko="YARN_URL에 서로 다른 클러스터가 둘 이상 있습니다(모두 ACTIVE): {addresses}",
            en="YARN_URL names more than one cluster, each with an ACTIVE one: {addresses}",
        ),
        Text(
            ko="클러스터마다 봇을 하나씩 두고 한 클러스터의 주소만 적으세요",
            en="name one cluster only, and run one bot for each",
        ),
    ),
    "yarn_hidden": (
        Text(
            ko="{user} 사용자에게 {count}개 잡의 수치를 숨깁니다",
            en="hides the figures of {count} jobs from {user}",
        ),
        Text(
            ko="{user}를 acl_administer_queue 또는 yarn.admin.acl에 넣으세요(VIEW_APP 권한)",
            en="put {user} into acl_administer_queue, or yarn.admin.acl (the right VIEW_APP)",
        ),
    ),
    "yarn_kill_proved": (
        Text(
            ko="{user} 사용자에게 종료 권한이 있습니다(큐 {queues}, 이미 끝난 잡으로 확인)",
            en="{user} may kill (queues {queues}; proved on jobs that had ended)",
        ),
    ),
    "yarn_kill_partly": (
        Text(
            ko="{user} 사용자는 큐 {queues}에서는 종료할 수 있고 {refused}에서는 없습니다",
            en="{user} may kill in queues {queues}, and not in {refused}",
        ),
        Text(
            ko="{user}를 그 큐의 acl_administer_queue에 넣으세요",
            en="put {user} into acl_administer_queue of those queues",
        ),
    ),
    "yarn_kill_reachable": (
        Text(
            ko="종료 요청이 {user} 사용자로 전달됩니다. 끝난 다른 사용자의 잡이 없어 권한은 확인하지 못했습니다",
            en="kill requests arrive as {user}; nobody else's job has ended by itself, so the right is not proved",
        ),
    ),
    "yarn_kill_forbidden": (
        Text(
            ko="{user} 사용자의 종료 요청이 거부됩니다: {detail}",
            en="kill requests of {user} are refused: {detail}",
        ),
        Text(
            ko="{user}를 큐의 acl_administer_queue(또는 yarn.admin.acl)에 넣거나 YARN_AUTH를 맞추세요",
            en="put {user} into acl_administer_queue of the queues (or yarn.admin.acl), or set YARN_AUTH",
        ),
    ),
    "yarn_kill_unknown": (
        Text(
            ko="종료 권한을 확인하지 못했습니다: {detail}",
            en="the right to kill could not be tried: {detail}",
        ),
        Text(ko="잠시 뒤 다시 실행하세요", en="run this again later"),
    ),
    "spark_alive": (Text(ko="{status} {address}", en="{status} {address}"),),
    "spark_standby": (Text(ko="{status} {address}", en="{status} {address}"),),
    "spark_no_alive": (
        Text(ko="ALIVE인 마스터가 없습니다", en="no master is ALIVE"),
        Text(
            ko="SPARK_MASTER_URL에 마스터 웹 UI 주소를 모두 적으세요",
            en="name the web UI addresses of all masters in SPARK_MASTER_URL",
        ),
    ),
    "spark_kill_offered": (Text(ko="종료를 받습니다", en="kills are accepted"),),
    "spark_kill_off": (
        Text(ko="마스터가 종료를 받지 않습니다", en="the master accepts no kills"),
        Text(
            ko="마스터에 spark.ui.killEnabled=true를 설정하세요",
            en="set spark.ui.killEnabled=true at the master",
        ),
    ),
    "spark_kill_untried": (
        Text(
            ko="실행 중인 것이 없어 종료를 받는지 알 수 없습니다",
            en="nothing runs, so it cannot be told whether kills are accepted",
        ),
        Text(
            ko="애플리케이션이 돌 때 다시 실행하세요", en="run this again while an application runs"
        ),
    ),
    "alertmanager_found": (
        Text(
            ko="{version}, 울리는 알람 {alerts}개, 적용 중인 사일런스 {silences}개",
            en="{version}, {alerts} alerts firing, {silences} silences in force",
        ),
    ),
    "prometheus_found": (Text(ko="찾았습니다 ({version})", en="found ({version})"),),
    "prometheus_several": (
        Text(
            ko="CPU 질의가 계열 {count}개를 돌려줍니다. 하나여야 합니다",
            en="the CPU query gives {count} series where one is wanted",
        ),
        Text(
            ko="PROMETHEUS_SELECTOR로 한 클러스터만 고르거나 PROMETHEUS_QUERY_CPU를 고치세요",
            en="choose one cluster by PROMETHEUS_SELECTOR, or mend PROMETHEUS_QUERY_CPU",
        ),
    ),
    "prometheus_no_cpu": (
        Text(ko="CPU 값이 없습니다", en="has no CPU figures"),
        Text(
            ko="node_exporter를 수집하거나 PROMETHEUS_QUERY_CPU를 적으세요",
            en="scrape node_exporter, or set PROMETHEUS_QUERY_CPU",
        ),
    ),
    "prometheus_applications": (
        Text(
            ko="애플리케이션 {count}개의 실제 사용량(출처: {source})",
            en="real use of {count} applications (source: {source})",
        ),
    ),
    "cores_nodes": (
        Text(
            ko="NodeManager가 애플리케이션 {count}개의 실제 사용량을 알려 줍니다(노드 {nodes})",
            en="NodeManagers tell real use of {count} applications (nodes {nodes})",
        ),
    ),
    "cores_soon": (
        Text(
            ko="NodeManager {nodes}대가 실제 사용량을 잽니다. 두 번째 읽을 때부터 씁니다",
            en="{nodes} NodeManagers measure real use; told from the second reading on",
        ),
    ),
    "cores_bound": (
        Text(
            ko="애플리케이션 {count}개의 바쁜 태스크 슬롯뿐입니다. 실사용의 상한입니다",
            en="only busy task slots of {count} applications are known, an upper bound of use",
        ),
        _MEASURE,
    ),
    "cores_none": (
        Text(
            ko="애플리케이션별 사용량을 알려 주는 것이 없어 할당량으로 줄을 세웁니다",
            en="nothing tells use by application, so ranking goes by what was granted",
        ),
        _MEASURE,
    ),
    "prometheus_none": (
        Text(
            ko="없습니다. CPU는 스케줄러의 할당량으로만 보입니다",
            en="is not set: CPU is known only as what schedulers granted",
        ),
        Text(ko="PROMETHEUS_URL을 적으세요", en="set PROMETHEUS_URL"),
    ),
    "query_refused": (
        Text(ko="{variable}: {detail}", en="{variable}: {detail}"),
        Text(ko="PromQL을 고치거나 비우세요", en="mend the PromQL, or leave it empty"),
    ),
    "query_several": (
        Text(
            ko="{variable}: 계열이 {count}개입니다. 하나여야 합니다",
            en="{variable}: {count} series where one is wanted",
        ),
        Text(
            ko="클러스터 하나만 남도록 PromQL을 고치거나 PROMETHEUS_SELECTOR를 쓰세요",
            en="mend the PromQL so that one cluster is left, or use PROMETHEUS_SELECTOR",
        ),
    ),
    "shared_unprotected": (
        Text(
            ko="여러 사람이 함께 쓰거나 계속 도는 잡이 보호되지 않습니다: {names}",
            en="shared or never-ending jobs are not protected: {names}",
        ),
        Text(ko="PROTECTED에 {patterns}", en="set PROTECTED to {patterns}"),
    ),
    "query_empty": (
        Text(ko="{variable}의 결과가 비어 있습니다", en="{variable} gives no series"),
        Text(ko="PromQL과 수집 대상을 확인하세요", en="check the PromQL and what is scraped"),
    ),
    "protected_idle": (
        Text(
            ko="{pattern}에 맞는 실행 중 잡이 없습니다",
            en="{pattern} matches nothing that runs now",
        ),
        Text(ko="PROTECTED의 철자를 확인하세요", en="check its spelling in PROTECTED"),
    ),
    "protected_fine": (
        Text(ko="실행 중인 잡 {count}개를 지킵니다", en="{count} running applications are covered"),
    ),
}
