"""What the commands say on a terminal."""

from bot.domain.language import Text

FROZEN = {  # by the switch, and whether it moved
    (True, True): Text(
        ko="동결했습니다. 승인된 것도 종료하지 않습니다.",
        en="frozen: no kill will be sent, whatever was approved",
    ),
    (True, False): Text(
        ko="이미 동결되어 있습니다. 승인된 것도 종료하지 않습니다.",
        en="already frozen: no kill will be sent, whatever was approved",
    ),
    (False, True): Text(
        ko="동결을 풀었습니다. 승인된 종료를 실행합니다.",
        en="not frozen any more: approved kills are sent",
    ),
    (False, False): Text(
        ko="동결되어 있지 않습니다. 승인된 종료를 실행합니다.",
        en="was not frozen: approved kills are sent",
    ),
}
TRAIL_HEADS = Text(
    ko="#|시각 (UTC)|제안|일|사람|내용|head",
    en="#|when (UTC)|proposal|what|who|detail|head",
)
TRAIL_EMPTY = Text(ko="기록이 없습니다.", en="The trail is empty.")
TRAIL_SOUND = Text(ko="기록 {rows}건, 바뀐 것 없음.", en="{rows} entries, unchanged.")
TRAIL_BROKEN = Text(
    ko="기록 {rows}건, 문제 {problems}건. 이 데이터베이스를 보존하고 백업과 대조하세요.",
    en="{rows} entries, {problems} problems. Keep this database and compare it with a backup.",
)


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
NO_VECTORS = Text(
    ko="{space}: 임베딩 서비스가 벡터를 주지 않았습니다({error}). 검색은 로컬 색인으로 됩니다. 나중에 다시 실행하세요: {command}",
    en="{space}: the provider gave no vectors ({error}). The local index answers; run again later: {command}",
)
FAILED = Text(ko="색인하지 못했습니다: {error}", en="ingest: {error}")
