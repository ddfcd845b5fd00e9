"""What the ingest command says on a terminal."""

from bot.domain.language import Text

COMMAND = "python -m bot ingest"  # `dangjik ingest` is the same; both are there without a checkout

COLUMNS = (
    Text(ko="파일", en="file"),
    Text(ko="상태", en="state"),
    Text(ko="문단", en="passages"),
    Text(ko="이유", en="reason"),
)
STATES = {
    "new": Text(ko="새로 씀", en="new"),
    "changed": Text(ko="바뀜", en="changed"),
    "unchanged": Text(ko="그대로", en="unchanged"),
    "removed": Text(ko="지움", en="removed"),
    "broken": Text(ko="읽지 못함", en="broken"),
}
COLLECTIONS = {
    "operation_manual": Text(ko="매뉴얼", en="manual"),
    "operation_history": Text(ko="이력", en="history"),
}
SUMMARY = Text(ko="{space}: {counts}. 문단: {held}", en="{space}: {counts}; passages: {held}")
DRY_SUMMARY = Text(
    ko="{space}(바꾸지 않음): {counts}. 문단: {held}",
    en="{space} (dry run): {counts}; passages: {held}",
)
NO_VECTORS = Text(
    ko="{space}: 임베딩 서비스가 벡터를 주지 않았습니다({error}). 검색은 로컬 색인으로 됩니다. 나중에 다시 실행하세요: {command}",
    en="{space}: the provider gave no vectors ({error}). The local index answers; run again later: {command}",
)
FAILED = Text(ko="색인하지 못했습니다: {error}", en="ingest: {error}")
