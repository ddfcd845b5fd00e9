"""What a text is found by: words without their endings, and the notions of the trade."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.agents.reading.words import Morphemes

NOTIONS = """
    spark 스파크 | hadoop 하둡 hdfs | yarn 얀 | hive 하이브 | kafka 카프카
    trino 트리노 | presto 프레스토 | query_engine trino presto 트리노 프레스토
    airflow 에어플로우 에어플로 | zookeeper 주키퍼 zk | kerberos 커버로스 케르베로스 | python 파이썬 pyspark
    prometheus 프로메테우스 | grafana 그라파나 dashboard 대시보드 | kubernetes 쿠버네티스 k8s
    executor 익스큐터 엑스큐터 이그제큐터 실행기 | driver 드라이버 | worker 워커 | coordinator 코디네이터 | master 마스터
    supervise supervised 슈퍼바이즈 | shuffle 셔플 | spill 스필 | partition 파티션 파티셔닝 | broadcast 브로드캐스트
    join 조인 | skew skewed straggler 쏠림 쏠리 편중 스큐 치우치 | stage 스테이지 | task 태스크 | container 컨테이너
    application app job 애플리케이션 어플리케이션 앱 잡 작업 | scheduler 스케줄러 스케쥴러 | preemption preempt 선점
    queue 큐 대기열 | namenode nn 네임노드 | datanode 데이터노드 | nodemanager nm 노드매니저
    resourcemanager rm 리소스매니저 리소스_매니저 resource_manager | journalnode 저널노드 | standby 스탠바이 대기_노드
    active 액티브 | failover 페일오버 전환 | safemode safe_mode 안전모드 안전_모드 세이프모드 세이프_모드
    replication replica 복제 레플리카 | block 블록 | corrupt corrupted damaged broken 손상 깨지 깨진
    balancer rebalance balance 밸런서 불균형 | trash 휴지통 expunge | snapshot 스냅샷 | checkpoint 체크포인트
    metastore 메타스토어 | query 쿼리 질의 | streaming stream 스트리밍 스트림 | batch 배치 | offset 오프셋
    lag behind backlog 지연 밀리 밀린 밀렸 밀림 | late delayed delay 늦 지연 | memory ram 메모리
    oom outofmemory out_of_memory outofmemoryerror 메모리_부족 메모리_초과 | heap 힙
    gc garbage_collection 가비지_컬렉션 가비지컬렉션 가비지 | disk 디스크 drive volume 볼륨 | swap swapping 스왑
    io iowait 입출력 | network 네트워크 nic | bandwidth throttle 대역폭 | packet 패킷 | switch 스위치 uplink
    cpu core vcore 코어 씨피유 | load load_average 부하 | thread 스레드 쓰레드 | daemon 데몬 | cache 캐시
    kernel 커널 | process 프로세스 | server host machine node 서버 호스트 장비 노드 | rack 랙 | cluster 클러스터
    utilization usage utilisation 가동률 가동율 사용률 사용율 점유율 | capacity space 용량 공간 | quota 쿼터 할당량
    file 파일 | small_files 작은_파일 | directory folder 디렉터리 디렉토리 폴더 | inode 아이노드 | log 로그
    ticket 티켓 kinit | keytab 키탭 | token 토큰 | credential authentication 인증
    permission privilege forbidden unauthorized not_allowed 권한 | clock 시계 시각_차이 | certificate 인증서
    alert alarm notification 알람 알림 경보 얼럿 | silence mute 사일런스 침묵 무음 | resolved recovered 해제 정상화
    threshold limit 한도 제한 상한 기준 임계 | kill terminate stop cancel abort 종료 중지 중단 취소 죽이 죽여 죽인 강제_종료
    die died dead crash crashed down lost 죽은 죽어 죽었 다운 유실 사라지
    restart reboot relaunch resubmit rerun 재시작 재기동 재실행 재제출 다시_뜨 다시_떴 다시_돌
    retry retries reattempt 재시도 | pause paused suspend 일시정지 멈추 멈춰 멈춘 | unpause resume 재개
    hang hangs hung stuck frozen 멈춤 멈춘 안_끝나 안끝나 먹통 | pending queued waiting wait accepted 대기 기다
    slow slowly slowness 느린 느려 느리 | full filled exhausted 가득 꽉 찼을 차 부족
    idle abandoned unused 유휴 놀고 버려진 | session 세션 | notebook jupyter zeppelin 노트북 주피터 제플린
    owner 소유자 주인 | approve approval approver approved 승인 승인자 | reject rejected 거절 반려
    button click press 버튼 클릭 | expire expired expiry expiration 만료
    protected protect never_kill 보호 | runaway 폭주 | history past previously 이력 과거
    incident outage 장애 사고 사례 | severity 등급 | escalate escalation 에스컬레이션 보고_체계 보고
    on-call oncall on_call 당직 | handover hand_over 인계 교대 | backfill catchup 백필 재처리 | dag 디에이지
    cron crontab 크론 | heavy 무거운 무겁 | evidence criteria reason 근거 기준 | cause root_cause 원인
    effect relief 효과 | increase raise grow 늘리 늘려 늘어 증설 올리 올린다 증가
    reduce lower decrease shrink 줄이 줄여 낮추 낮춘 | delete remove clean_up cleanup purge 삭제 지우 지워 지웠 비우
    decommission drain exclude take_out_of_service 빼고 제외 decommissioning | add register 추가 투입
    configuration config setting 설정 | tune tuning 튜닝 최적화 | check inspect verify 확인 점검
    recover recovery restore repair 복구 복원 | upgrade 업그레이드 | priority 우선순위 | resource 자원 리소스
    rank top 상위 | status state 상태 현황 | error failure fail failed 오류 에러 실패
    timeout timed_out 타임아웃 시간초과 시간_초과 | connection connect 연결 접속 | backup 백업 | copy distcp 복사 이관
    migrate migration 이관 마이그레이션 | compaction merge 병합 | compress compression 압축 | leak 누수
    node_exporter exporter 익스포터 | graceful gracefully safely 안전하게 | force forced 강제
    exit_code exitcode 종료_코드 | duplicate duplicated 중복
    cross_join cartesian cartesianproduct 카테시안 | metadata 메타데이터 | consumer 컨슈머 | producer 프로듀서
    broker 브로커 | topic 토픽 | port 포트 | caching 캐싱 | serialization 직렬화 | storage 저장소 | table 테이블
    schema 스키마 | dump 덤프 | dynamic-allocation 동적_할당 동적할당 | overhead 오버헤드 | pipeline 파이프라인
    parallelism 병렬 | lock 락 | deadlock 교착 | killed 죽 | exceeded 초과 | high 높 | low 낮 | fix 해결 조치
    repeated 반복
"""


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list written as text."""
    return frozenset(text.split())


STOP = words_of("""
    a an the this that these those it its is are was were be been being am do does did doing done
    have has had having i we you he she they me my our your their his her us them who whom whose
    what when where which why how all any both each few more most some such no nor not only own
    same so than too very can could will would shall should may might must of in on at to from by
    for with about against between into through during before after above below up out off over
    under again further then once here there and but or if because as until while just also
    get gets got let lets please tell give need want thing things something anything someone
    nobody anybody everyone ever never s t don dont doesn didn isn aren won
    하 되 있 않 어떻 이렇 그렇 보 때 것 수 데 거 무엇 뭐 뭘 어디 누구 언제 왜 어느 어떤 같 좀 중 등 번 적 점 후 전 안
    주 오 가 나오 나 알 알리 모르 말 말하 생각 방법 경우 지금 현재 우리 저 제 그 이 모두
    """)


def notions() -> Iterator[tuple[str, str]]:
    """Yield (word, first word of its notion) of the whole table."""
    for line in NOTIONS.replace("\n", "|").split("|"):
        words = line.split()
        for word in words:
            yield word.replace("_", " "), words[0]


TAGS = ("NN", "NR", "VV", "VA", "XR", "SL", "SN", "SH", "W_")
DOTTED = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)+")
VOWEL = re.compile(r"[aeiouy]")
LATIN_WORD = re.compile(r"[a-z][a-z0-9]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_'-]*")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
SPACES = re.compile(r"\s+")
SHORTEST = 3  # letters that are left of a word whose ending is cut
MARK = "="  # before a notion, so that no word of a text is taken for one
MAX_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text is found by.

    `words` holds everything, as often as it is said; `rest` the words that say no notion, and
    `notions` the notions: together what has to be found for the whole text to be found.
    """

    words: tuple[str, ...]
    rest: frozenset[str]
    notions: frozenset[str]


def stem(word: str) -> str:
    """Return an English word without its ending: queries, queried and querying are one."""
    if not LATIN_WORD.fullmatch(word):
        return word
    for ending, instead in (("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", "")):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            left = word[: -len(ending)]
            if not VOWEL.search(left):
                return word
            return left + instead if instead else _undoubled(left)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > SHORTEST:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST + 1 else word


def _undoubled(word: str) -> str:
    if len(word) > SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiols":
        return word[:-1]
    return word.removesuffix("e") if len(word) > SHORTEST + 1 else word


def _tables() -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    latin: dict[str, set[str]] = {}
    phrases: dict[str, set[str]] = {}
    korean: dict[str, set[str]] = {}
    for word, notion in notions():
        if HANGUL.search(word):
            korean.setdefault(word.replace(" ", ""), set()).add(MARK + notion)
        elif " " in word:
            phrases.setdefault(" ".join(map(stem, word.split())), set()).add(MARK + notion)
        else:
            latin.setdefault(stem(word), set()).add(MARK + notion)
    return latin, phrases, korean


LATIN_NOTIONS, PHRASES, KOREAN_NOTIONS = _tables()
_LONG = (word for word in KOREAN_NOTIONS if len(word) >= SHORTEST and HANGUL.match(word))
LONG_KOREAN = re.compile("|".join(sorted(_LONG, key=len, reverse=True)))  # the longest that fits


def terms(text: str, kiwi: Morphemes) -> Terms:
    """Return what a text is found by.

    A Korean word of three syllables or more speaks of its notion wherever it stands, spacing
    ignored; a shorter one only where the analyser found it as a word.
    """
    text = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()
    morphemes = [
        token.form.lower() for token in kiwi.tokenize(text) if token.tag.startswith(TAGS)
    ] + [word.lower() for word in DOTTED.findall(text)]
    spoken = [*_latin(text), *_korean(SPACES.sub("", text))]
    for word in morphemes:
        if len(word) < SHORTEST:
            spoken += [(word, notion) for notion in KOREAN_NOTIONS.get(word, ())]
    said = {word for word, _ in spoken}
    found = tuple(
        stem(word)
        for word in morphemes
        if word not in STOP and (len(word) > 1 or HANGUL.match(word))
    )
    # A piece of a word the analyser does not know says nothing by itself: 익스 of 익스큐터.
    rest = frozenset(
        word
        for word in found
        if word not in said and not (HANGUL.match(word) and any(word in each for each in said))
    )
    every = sorted(notion for _, notion in spoken)
    return Terms((*found, *every), rest, frozenset(every))


def _latin(text: str) -> Iterator[tuple[str, str]]:
    words = [stem(word.lower()) for word in LATIN.findall(text)]
    for word in words:
        for notion in LATIN_NOTIONS.get(word, ()):
            yield word, notion
    line = f" {' '.join(words)} "
    for phrase, meant in PHRASES.items():
        if f" {phrase} " in line:
            for notion in meant:
                yield phrase, notion


def _korean(text: str) -> Iterator[tuple[str, str]]:
    for word in LONG_KOREAN.findall(text):
        for notion in KOREAN_NOTIONS[word]:
            yield word, notion
