"""What the doctor says: for each finding what was found, and what to do where there is something."""

from bot.domain.findings import Check, Level
from bot.domain.language import Language, Text
from bot.errors import FaultKind, FaultReason
from bot.texts.doctor_backends import BACKENDS, FIXES
from bot.texts.doctor_slack import APPROVERS, CHANNELS, SLACK
from bot.texts.missing import KINDS, REASONS

SIGNS = {Level.OK: "✓", Level.WARN: "!", Level.FAIL: "✗"}
SUM = Text(
    ko="정상 {ok} · 주의 {warn} · 고칠 것 {fail}", en="{ok} fine · {warn} warnings · {fail} to fix"
)
CODES = {
    "deleted": Text(ko="비활성화된 계정", en="a deactivated account"),
    "bot": Text(ko="봇", en="a bot"),
    "guest": Text(ko="게스트", en="a guest"),
    "stranger": Text(ko="다른 워크스페이스 사람", en="someone of another workspace"),
}
OURS: dict[str, tuple[Text, ...]] = {
    "storage_fine": (Text(ko="{where}에 쓸 수 있습니다", en="{where} can be written"),),
    "storage_failed": (
        Text(ko="{detail}", en="{detail}"),
        Text(
            ko="DATA_DIR의 권한과 빈 공간, 또는 DATABASE_URL을 확인하세요",
            en="check the rights and the space of DATA_DIR, or DATABASE_URL",
        ),
    ),
    "start_fine": (
        Text(ko="버전 {version}, 시작할 수 있습니다", en="version {version}, can start"),
    ),
    "start_failed": (
        Text(ko="시작하지 못합니다: {detail}", en="cannot start: {detail}"),
        Text(
            ko="설치가 온전하지 않을 수 있습니다. 다시 설치하세요",
            en="the installation may lack a part: install it again",
        ),
    ),
    "frozen": (
        Text(
            ko="동결되어 승인되어도 종료하지 않습니다",
            en="is on: nothing is killed, whatever is approved",
        ),
        Text(ko="풀려면 python -m bot freeze off", en="lift it with python -m bot freeze off"),
    ),
    "owed": (
        Text(
            ko="Slack이 거부해 올리지 못한 첫 답이 {count}건 있습니다",
            en="{count} first replies were refused by Slack and are owed",
        ),
        Text(
            ko="봇이 그 채널에 있는지, 권한이 있는지 확인해 주세요",
            en="see whether the bot is in those channels and has its scopes",
        ),
    ),
    "cluster_unnamed": (
        Text(
            ko="없어서 다른 클러스터의 알람을 구분하지 못합니다",
            en="is not set: alerts of other clusters cannot be told apart",
        ),
        Text(
            ko="알람에 적히는 이름을 CLUSTER_NAME에 적어 주세요",
            en="set it to the name your alerts use",
        ),
    ),
    "dry_run": (
        Text(
            ko="켜져 있어 종료 요청을 보내지 않습니다", en="is on: everything but the kill is done"
        ),
        Text(ko="실제로 쓰려면 DRY_RUN=false", en="set DRY_RUN=false for real use"),
    ),
    "knowledge_fine": (
        Text(
            ko="매뉴얼 {manual}조각, 이력 {history}조각",
            en="{manual} passages of the manual, {history} of the history",
        ),
    ),
    "knowledge_unread": (
        Text(
            ko="아직 색인이 없습니다. 시작할 때 {source}에서 만듭니다",
            en="is not indexed yet; the first start does it from {source}",
        ),
    ),
    "knowledge_empty": (
        Text(ko="문서가 없습니다: {source}", en="holds no document: {source}"),
        Text(
            ko="python -m bot ingest --source 문서-폴더",
            en="run python -m bot ingest --source DIRECTORY",
        ),
    ),
    "knowledge_failed": (
        Text(ko="{detail}", en="{detail}"),
        Text(
            ko="CHROMA_URL을 확인하거나 python -m bot ingest --rebuild",
            en="check CHROMA_URL, or run python -m bot ingest --rebuild",
        ),
    ),
    "knowledge_lonely": (
        Text(
            ko="DATABASE_URL은 있고 CHROMA_URL은 없습니다",
            en="DATABASE_URL is set and CHROMA_URL is not",
        ),
        Text(
            ko="여러 대로 돌리려면 CHROMA_URL을 적으세요. 색인이 서로 달라집니다",
            en="set CHROMA_URL for several replicas, or each has an index of its own",
        ),
    ),
    "model_none": (
        Text(ko="키가 없습니다. 모델 없이 동작합니다", en="no key: works without a model"),
    ),
    "model_fine": (Text(ko="{model} ({address})", en="{model} at {address}"),),
    "model_deployment": (
        Text(
            ko="{model} ({address}), 목록이 없는 배포 주소라 물어보지 않았습니다",
            en="{model} at {address}, not asked: a deployment lists no models",
        ),
    ),
    "model_unlisted": (
        Text(ko="{address}의 목록에 {model}이 없습니다", en="{address} does not list {model}"),
        Text(ko="OPENAI_MODEL을 확인하세요", en="check OPENAI_MODEL"),
    ),
    "model_failed": (
        Text(ko="{kind}: {detail}", en="{kind}: {detail}"),
        Text(
            ko="OPENAI_API_KEY와 OPENAI_BASE_URL을 고치거나, 키를 비우고 모델 없이 쓰세요",
            en="mend OPENAI_API_KEY and OPENAI_BASE_URL, or empty the key: it works without",
        ),
    ),
    "web_none": (Text(ko="키가 없어 웹 검색을 하지 않습니다", en="no key: no web search"),),
    "web_set": (Text(ko="키가 있습니다", en="a key is set"),),
    "health_off": (Text(ko="꺼져 있습니다", en="is off"),),
    "health_free": (Text(ko="{port}번 포트를 쓸 수 있습니다", en="port {port} is free"),),
    "health_running": (
        Text(
            ko="{port}번 포트에서 당직이 이미 돌고 있습니다",
            en="port {port}: dangjik runs there already",
        ),
    ),
    "health_taken": (
        Text(ko="{port}번 포트를 쓸 수 없습니다: {reason}", en="port {port}: {reason}"),
        Text(
            ko="HEALTH_PORT에 다른 포트를 적으세요 (0이면 끔)",
            en="set HEALTH_PORT to another port (0 = off)",
        ),
    ),
}
FINDINGS = {**SLACK, **CHANNELS, **APPROVERS, **BACKENDS, **OURS}


def said(check: Check, language: Language) -> str:
    """Return the finding as one line: sign, what was checked, what was found, what to do."""
    values = dict(check.values)
    if "kind" in values:
        kind, cause = FaultKind(values["kind"]), values.get("cause")
        values["kind"] = (REASONS[FaultReason(cause)] if cause else KINDS[kind])(
            language, detail="", count=""
        )
    known = values.pop("cause", "")
    if values.get("code") in CODES:
        values["code"] = CODES[values["code"]](language)
    found, *fix = (text(language, **values) for text in FINDINGS[check.key])
    if known in FIXES:
        fix = [FIXES[known](language, **values)]
    line = " → ".join((f"{SIGNS[check.level]} {check.name}: {found}", *fix))
    return "".join(letter if letter.isprintable() else " " for letter in line)
