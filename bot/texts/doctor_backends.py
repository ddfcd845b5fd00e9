"""What the doctor says of the systems looked at."""

from bot.domain.language import Text

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
    "yarn_kill_reachable": (
        Text(
            ko="종료 요청이 {user} 사용자로 받아들여집니다",
            en="kill requests are listened to, as {user}",
        ),
    ),
    "yarn_kill_forbidden": (
        Text(ko="종료 요청이 거부됩니다: {detail}", en="kill requests are refused: {detail}"),
        Text(
            ko="YARN_USER를 큐 관리자(yarn.admin.acl)로 두거나 YARN_AUTH를 맞추세요",
            en="make YARN_USER an admin of the queues (yarn.admin.acl), or set YARN_AUTH",
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
    "prometheus_found": (Text(ko="{version}", en="{version}"),),
    "prometheus_no_cpu": (
        Text(ko="CPU 값이 없습니다", en="has no CPU figures"),
        Text(
            ko="node_exporter를 수집하거나 PROMETHEUS_QUERY_CPU를 적으세요",
            en="scrape node_exporter, or set PROMETHEUS_QUERY_CPU",
        ),
    ),
    "prometheus_applications": (
        Text(ko="애플리케이션 {count}개의 실제 사용량", en="real use of {count} applications"),
    ),
    "prometheus_no_applications": (
        Text(
            ko="애플리케이션별 사용량이 없어 할당량으로 줄을 세웁니다",
            en="has no use by application, so ranking goes by what was granted",
        ),
        Text(
            ko="process-exporter를 쓰거나 PROMETHEUS_QUERY_APPLICATION_CPU를 적으세요",
            en="use process-exporter, or set PROMETHEUS_QUERY_APPLICATION_CPU",
        ),
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
