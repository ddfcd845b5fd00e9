"""Korean words of the trade, and the public English word each is sent to the web as."""

from bot.retrieval.egress_terms import words_of

ENGLISH_KOREAN = """
    utilization: 가동률, 가동율, 사용률, 사용율, 점유율
    load: 부하
    io: 입출력
    cluster: 클러스터
    spark: 스파크
    hadoop: 하둡
    yarn: 얀
    hive: 하이브
    kafka: 카프카
    presto: 프레스토
    trino: 트리노
    airflow: 에어플로우, 에어플로
    zookeeper: 주키퍼
    kerberos: 커버로스, 케르베로스
    python: 파이썬
    grafana: 그라파나
    prometheus: 프로메테우스
    kubernetes: 쿠버네티스
    executor: 익스큐터, 엑스큐터, 실행기
    driver: 드라이버
    shuffle: 셔플
    partition: 파티션, 파티셔닝
    broadcast: 브로드캐스트
    join: 조인
    stage: 스테이지
    task: 태스크
    container: 컨테이너
    scheduler: 스케줄러, 스케쥴러
    preemption: 선점
    queue: 큐
    namenode: 네임노드
    datanode: 데이터노드
    nodemanager: 노드매니저
    resourcemanager: 리소스매니저
    safemode: 안전 모드, 안전모드, 세이프모드, 세이프 모드
    failover: 페일오버
    replication: 복제
    replica: 레플리카
    block: 블록
    balancer: 밸런서
    trash: 휴지통
    snapshot: 스냅샷
    checkpoint: 체크포인트
    metastore: 메타스토어
    metadata: 메타데이터
    query: 쿼리
    worker: 워커
    coordinator: 코디네이터
    streaming: 스트리밍
    batch: 배치
    offset: 오프셋
    consumer: 컨슈머
    producer: 프로듀서
    broker: 브로커
    topic: 토픽
    lag: 지연
    skew: 쏠림, 편중, 스큐
    small-files: 작은 파일
    memory: 메모리
    heap: 힙
    disk: 디스크
    swap: 스왑
    network: 네트워크
    bandwidth: 대역폭
    port: 포트
    kernel: 커널
    process: 프로세스
    thread: 스레드, 쓰레드
    core: 코어
    cache: 캐시
    caching: 캐싱
    compression: 압축
    serialization: 직렬화
    ticket: 티켓
    keytab: 키탭
    certificate: 인증서
    token: 토큰
    permission: 권한
    logs: 로그
    node: 노드
    server: 서버
    session: 세션
    quota: 할당량, 쿼터
    capacity: 용량
    storage: 저장소
    table: 테이블
    schema: 스키마
    garbage: 가비지
    dump: 덤프
    restart: 재기동, 재시작
    daemon: 데몬
    resource: 리소스, 자원
    application: 애플리케이션
    job: 잡
    dynamic-allocation: 동적 할당, 동적할당
    overhead: 오버헤드
    pipeline: 파이프라인
    parallelism: 병렬
    lock: 락
    deadlock: 교착
    failure: 장애
    error: 오류, 에러
    failed: 실패
    kill: 종료
    killed: 죽
    slow: 느려, 느리, 느린
    hang: 멈춤, 멈춰, 멈추
    waiting: 대기
    exceeded: 부족, 초과
    full: 가득, 꽉
    high: 높
    low: 낮
    increase: 증가, 늘리, 늘려
    reduce: 줄이, 줄여
    configuration: 설정
    tuning: 튜닝, 최적화
    cause: 원인
    fix: 해결, 조치
    recovery: 복구
    check: 확인, 점검
    retry: 재시도
    timeout: 타임아웃, 시간초과
    expired: 만료
    lost: 유실
    corrupt: 손상, 깨진
    leak: 누수
    repeated: 반복
    upgrade: 업그레이드
    limit: 한도
    threshold: 임계
"""

KOREAN = {
    korean.strip(): english.strip()
    for english, _, several in (line.partition(":") for line in ENGLISH_KOREAN.strip().split("\n"))
    for korean in several.split(",")
}

# What nobody says about lunch, leave or a laptop.
TRADE_KOREAN = words_of("""
    가동률 가동율 클러스터 스파크 하둡 하이브 카프카 프레스토 트리노 에어플로우 에어플로 주키퍼 커버로스 케르베로스
    그라파나 프로메테우스 쿠버네티스 익스큐터 엑스큐터 셔플 파티션 파티셔닝 브로드캐스트 스테이지 태스크 스케줄러 스케쥴러
    큐 네임노드 데이터노드 노드매니저 리소스매니저 안전모드 세이프모드 페일오버 레플리카 밸런서 스냅샷 체크포인트 메타스토어
    메타데이터 쿼리 스트리밍 배치 오프셋 컨슈머 쏠림 힙 스왑 스레드 쓰레드 직렬화 키탭 노드 잡 입출력 로그 서버 재기동 데몬
    """)
