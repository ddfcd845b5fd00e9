"""The public words of the trade: all that a web query may be made of.

Every entry is a word found in the public documentation of the products named here. A name of
one company's host, user, queue, application or path has no place in this file.
"""


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list written as text."""
    return frozenset(text.split())


PRODUCTS = words_of("""
    airflow alertmanager avro cassandra celery chroma cloudera cgroup cgroups databricks debezium
    delta-lake docker elasticsearch emr flink gcs grafana hadoop hbase hdfs hive hiveserver2 hudi
    iceberg impala java jdbc jmx jupyter jvm kafka kerberos kubernetes kudu langchain linux livy
    log4j mapreduce mysql nodemanager namenode datanode resourcemanager journalnode zkfc oozie orc
    pandas parquet postgresql presto prometheus pyspark python redis s3 scala spark spark-shell
    spark-sql spark-submit sqoop systemd tez thrift trino yarn zeppelin zookeeper
    """)

# A technical subject: enough, with a second word, to make a query worth sending.
SUBJECTS = words_of("""
    accumulator ack allocation aqe backfill backpressure balancer batch blacklist block blocks
    bloom broadcast broker bucket buckets bucketing byte bytes cache caching capacity catalog
    catalyst checkpoint checkpointing classpath cluster codec collect compaction compression
    connection consumer container containers coordinator core cores cpu cron crontab dag dataframe
    dataset deadlock decommission decommissioning deserialization disk driver dynamic-allocation
    edits executor executors expunge failover fair-scheduler fencing fetch fifo filesystem fsck
    fsimage full-gc g1gc garbage gc groupby hadoop-env heap heartbeat hotspot inode inodes
    io iops iowait join joins journal kdestroy keytab kill kinit klist krb5 lag latency leader
    lineage lock locality locks logs mapper mapred master memory memoryoverhead metadata metastore
    metrics micro-batch microbatch mount mtu nic node nodes ntp numa offset offsets oom oomkilled
    optimizer out-of-memory overhead packet parallelism partition partitions pipeline plan planner
    pod pods predicate preemption principal processor producer profiler pushdown query queries queue
    queues quota quorum race rack rebalance rebalancing reducer repartition replica replicas
    replication repository rpc safemode salting scheduler schema sdk serialization serializer
    session shard shuffle sigkill sigterm skew skewed slot slots snapshot snapshots socket spill
    spilled spilling spot sql ssd ssl stage stages standby state-store straggler stragglers
    streaming structured-streaming swap swappiness switch task tasks telemetry thread threads
    throttling throughput ticket tls token tokens topic tombstone trash udf ulimit umask unhealthy
    union unpersist uplink vacuum vcore vcores vectorized volume watermark webhdfs window worker
    workers writer acl acls api application applications backup bandwidth certificate coalesce
    collation commit committer concurrency daemon delegation deployment device dns exit exitcode
    file files firewall gateway hardware host-memory index interval jar jars job jobs keystore
    kernel library load loadavg log logrotate mode nfs oomkiller operator orchestration permission
    permissions persist port process processes proxy raid recovery resource resources retention
    rollback row rows runtime sasl script sensor server servers service sink size small-files source
    speculation speculative statistics storage subnet sync table tables tcp timestamp timezone
    transaction truststore upgrade utilization version view wal xcom zombie
    """)

# Words that only shade a subject: never enough alone.
SHADES = words_of("""
    accepted access action active add after alert alerts average avoid before best big block
    blocked bottleneck broken busy cancel cannot cause causes change check clean cleanup clear close
    command compare configuration configure corrupt corrupted count crash crashed critical data
    dead debug decrease default delay delayed delete denied detect diagnose difference disable
    drop during duplicate enable error errors exceeded exceeds exceeding exception execution expired
    fail failed failing fails failure failures fast finish finished fix forever free full grow
    growing hang hanging hangs heavy high how idle improve inactive increase increased investigate
    invalid issue keep keeps large latest leak leaks limit limits list long lost low
    maintenance manager many max maximum mean measure minimum missing monitor monitoring move
    not number of old open option options overload parameter pause pending performance policy
    practice prevent priority problem property purge raise read reason rebuild reduce refused
    register rejected release remove repair repeated request reset resize response restart
    restarted restore retries retry root rotate run running runs safe scale scaling set setting
    settings several shrink shutdown single size slow slower small solution spike split start
    started stale status stop stopped stuck submit submitted suspend symptom terminate threshold
    throws time timed timeout timeouts too total troubleshoot troubleshooting tune tuning unable
    unavailable unbalanced under unexpected usage use used user-defined value values verify wait
    waiting warning what when why with without write writes wrong code signal reached space
    """)

KEY_ROOTS = words_of(
    "spark yarn dfs hadoop hive mapreduce mapred fs ha ipc query task join hbase zookeeper kafka"
    " airflow vm net kernel io tez datanucleus node memory"
)

# Parts of configuration keys, split at dots, dashes, underscores and capitals.
KEY_PARTS = KEY_ROOTS | words_of("""
    acl ack acls adaptive address admin advisory advise aggregation algorithm all allocated
    allocation allow allowed am app application applications arrow attempts attempt auth auto
    autoscaling aux available backlog backoff balance balancer bandwidth batch bind bit blacklist
    block blocks broadcast buffer bytes cache cached capacity cbo check checkpoint checksum
    cleaner client cluster codec collector combine committer common compress compression concurrency
    config configuration conf connect connection container containers coalesce core cores count cpu
    crc dag data database datanode dead decommission default delay delete deploy dir directory
    dirs disk display driver dynamic edits enable enabled eviction exclude exec excluded executor
    executors extra factor failover failure failures fair fetch file files filter flush format
    fraction framework full gc global graceful group handler hard health heartbeat heap hive
    history host hosts http https idle index initial inmemory input instances interval intervals
    invalidate ivy jars java jdbc journalnode jvm keep keytab kerberos key kill kryo kryoserializer
    length level limit limits linux listener load local locality log logs manager map max maximum
    mb memory merge metastore metrics min minimum mode monitor multiplier name namenode
    namespace network node nodemanager nodes num number offheap off offset offsets open options opts
    orc order output overcommit overhead pages parallel parallelism parquet partition partitions
    path per percent percentage period permissions physical pmem plugin policy poll pool port ports
    preemption principal priority process processing properties protocol provider push pyspark
    python quantile queue queues quorum quota range rate ratio read ready rebalance record records
    recovery reducer reduce register registration remote replace replication report request
    require resource resourcemanager resources restart result results retained retries retry root
    row rpc running safemode sasl scan scheduler schedule secs seconds security segment
    serialization serializer server servers service session shared shm shuffle side size skew
    skewed slot slots small snapshot soft sort speculation spill split splits sql stage stages
    standby start state stats statistics stop storage store stream streaming strict submit
    swappiness sync table target task tasks tcp temp thread threads threshold time timeout tmp
    token topic total tracker transfer trash tmpdir trigger type ui unsafe update usage use user
    utilization value vcores vectorized version view virtual vmem volume wait warehouse watermark
    webapp webhdfs window work worker workers write writer yarn zk zookeeper ms sec java home env
    """)

# Parts of the names of public error classes, split at capitals.
ERROR_PARTS = words_of("""
    Abort Aborted Access Address Admin Already Analysis Application Arithmetic Array Assertion
    Attempt Auth Authentication Authorization Bad Batch Bind Block Broken Buffer Cancelled Cast
    Catalog Channel Checksum Class Client Clock Closed Cluster Codec Command Commit Concurrent
    Config Configuration Connect Connection Connector Constraint Consumer Container Context
    Conversion Corrupt Corrupted Coordinator Credential Dag Data Database Dataset Dead Decimal
    Decode Def Delta Denied Dependency Deserialization Directory Disk Dns Driver Duplicate Eof EOF
    Empty Encode Error Exceeded Exception Execution Executor Exists Exit Expired External Failed
    Failure Fatal Fetch Field File Filesystem Format Found Fs Full Gss GSS Handshake Heap Hive Host
    Http IO Ill Illegal Import Index Initializer Input Instance Int Interrupted Invalid Invocation
    Job Json Kerberos Key Killed Kryo Launch Lease Library Limit Link Linkage List Load Local Lock
    Log Login Long Loss Lost Malformed Manager Map Max Memory Meta Metadata Method Metastore Missing
    Mkdir Module Name Namenode Native Negative Net Network No Node Not Null Number Object Of
    Offset Open Operation Out Outdated Overflow Parse Parsing Partition Password Path Permission
    Pointer Principal Process Producer Protocol Py Python Query Queue Quota Range Read Record
    Recoverable Recovery Reference Reflection Region Registration Rejected Remote Replica
    Replication Request Resolution Resource Resources Retriable Retry Route Rpc Runtime Safe Sasl
    Schema Script Security Serializable Serialization Server Service Session Shell Shuffle Size
    Socket Space Spark Sql SQL Ssl SSL Stack Stage Stale Standby State Storage Store Stream
    Streaming Submit Such Supported Syntax System Table Target Task Thread Throttling Thrift Time
    Timed Timeout Token Too Topic Transaction Transform Transport Trace Trino Type Unable
    Unauthorized Unavailable Unbound Unchecked Under Unexpected Unhandled Unicode Unknown Unsatisfied
    Unsupported User Utf Validation Value Version View Virtual Vm Window Worker Write Writer Wrong
    Xml Yarn Zip Zoo Keeper ZooKeeper
    """)
ERROR_ENDS = ("Exception", "Error", "Failed", "Killed", "Exceeded", "Timeout")
ERROR_WORDS = frozenset({"oomkilled", "fetchfailed", "metadatafetchfailed", "sigkill", "sigterm"})
PUBLIC_PACKAGES = (
    "java.",
    "javax.",
    "scala.",
    "org.apache.",
    "com.google.common.",
    "io.netty.",
    "io.trino.",
    "io.prestosql.",
    "com.facebook.presto.",
    "pyspark.",
    "py4j.",
    "sun.",
    "com.mysql.",
    "org.postgresql.",
)
CODES = frozenset(
    {"1", "52", "127", "137", "139", "143", "403", "404", "429", "500", "502", "503", "504"}
)
BEFORE_CODES = frozenset({"code", "exit", "exitcode", "signal", "status", "http", "error"})

# What tells a question of the trade from one of everyday life: no word people use at lunch.
TRADE = PRODUCTS | {
    word
    for word in SUBJECTS
    if word
    not in words_of("""
        action api application applications batch block blocks bucket buckets byte bytes cache
        capacity certificate collect connection core cores device driver exit fetch file files
        gateway hardware index interval job jobs kill kernel leader library load lock locks logs log
        master memory mode mount network node offset operator optimizer packet permission
        permissions pipeline plan planner port process processes processor producer proxy query
        queries race rack recovery repository resource resources row rows schema script server
        servers service session size slot slots socket source spot storage switch sync table tables
        task tasks ticket token tokens topic trash union upgrade vacuum version view volume window
        worker workers writer state-store statistics stage stages thread threads backup bandwidth
        runtime statistics timezone timestamp sdk sensor sink subnet dns coordinator java python
        """)
} - {"java", "python", "docker", "linux", "mysql", "redis", "pandas"}
