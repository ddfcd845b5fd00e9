"""The public words of the trade: all that a web query may be made of.

Every entry is a word found in the public documentation of the products named here. A name of
one company's host, user, queue, application or path has no place in this file.
"""


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list written as text."""
    return frozenset(text.split())


# A product is enough for a query by itself.
PRODUCTS = words_of("""
    airflow alertmanager avro cassandra celery cgroup cgroups chroma cloudera databricks datanode
    debezium delta-lake docker elasticsearch emr flink gcs grafana hadoop hbase hdfs hive
    hiveserver2 hudi iceberg impala java jdbc jmx journalnode jupyter jvm kafka kerberos kubernetes
    kudu langchain linux livy log4j mapreduce mysql namenode nodemanager oozie orc pandas parquet
    postgresql presto prometheus pyspark python redis resourcemanager s3 scala spark spark-shell
    spark-sql spark-submit sqoop systemd tez thrift trino yarn zeppelin zkfc zookeeper
    """)

# A technical subject: enough, with a second word, to make a query worth sending.
SUBJECTS = words_of("""
    accumulator ack acl acls allocation api application applications aqe backfill backpressure
    backup balancer bandwidth batch blacklist block blocks bloom broadcast broker bucket bucketing
    buckets byte bytes cache caching capacity catalog catalyst certificate checkpoint checkpointing
    classpath cluster coalesce codec collation collect commit committer compaction compression
    concurrency connection consumer container containers coordinator core cores cpu cron crontab
    daemon dag dataframe dataset deadlock decommission decommissioning delegation deployment
    deserialization device disk dns driver dynamic-allocation edits executor executors exit
    exitcode expunge failover fair-scheduler fencing fetch fifo file files filesystem firewall fsck
    fsimage full-gc g1gc garbage gateway gc groupby hadoop-env hardware heap heartbeat host-memory
    hotspot index inode inodes interval io iops iowait jar jars job jobs join joins journal
    kdestroy kernel keystore keytab kill kinit klist krb5 lag latency leader library lineage load
    loadavg locality lock locks log logrotate logs mapper mapred master memory memoryoverhead
    metadata metastore metrics micro-batch microbatch mode mount mtu nfs nic node nodes ntp numa
    offset offsets oom oomkilled oomkiller operator optimizer orchestration out-of-memory overhead
    packet parallelism partition partitions permission permissions persist pipeline plan planner
    pod pods port predicate preemption principal process processes processor producer profiler
    proxy pushdown queries query queue queues quorum quota race rack raid rebalance rebalancing
    recovery reducer repartition replica replicas replication repository resource resources
    retention rollback row rows rpc runtime safemode salting sasl scheduler schema script sdk
    sensor serialization serializer server servers service session shard shuffle sigkill sigterm
    sink size skew skewed slot slots small-files snapshot snapshots socket source speculation
    speculative spill spilled spilling spot sql ssd ssl stage stages standby state-store statistics
    storage straggler stragglers streaming structured-streaming subnet swap swappiness switch sync
    table tables task tasks tcp telemetry thread threads throttling throughput ticket timestamp
    timezone tls token tokens tombstone topic transaction trash truststore udf ulimit umask
    unhealthy union unpersist upgrade uplink utilization vacuum vcore vcores vectorized version
    view volume wal watermark webhdfs window worker workers writer xcom zombie
    """)

# Words that only shade a subject: never enough alone.
SHADES = words_of("""
    accepted access action active add after alert alerts average avoid before best big block
    blocked bottleneck broken busy cancel cannot cause causes change check clean cleanup clear
    close code command compare configuration configure corrupt corrupted count crash crashed
    critical data dead debug decrease default delay delayed delete denied detect diagnose
    difference disable drop duplicate during enable error errors exceeded exceeding exceeds
    exception execution expired fail failed failing fails failure failures fast finish finished fix
    forever free full grow growing hang hanging hangs heavy high how idle improve inactive increase
    increased invalid investigate issue keep keeps large latest leak leaks limit limits list long
    lost low maintenance manager many max maximum mean measure minimum missing monitor monitoring
    move not number of old open option options overload parameter pause pending performance policy
    practice prevent priority problem property purge raise reached read reason rebuild reduce
    refused register rejected release remove repair repeated request reset resize response restart
    restarted restore retries retry root rotate run running runs safe scale scaling set setting
    settings several shrink shutdown signal single size slow slower small solution space spike
    split stale start started status stop stopped stuck submit submitted suspend symptom terminate
    threshold throws time timed timeout timeouts too total troubleshoot troubleshooting tune tuning
    unable unavailable unbalanced under unexpected usage use used user-defined value values verify
    wait waiting warning what when why with without write writes wrong
    """)

KEY_ROOTS = words_of("""
    airflow datanucleus dfs fs ha hadoop hbase hive io ipc join kafka kernel mapred mapreduce
    memory net node query spark task tez vm yarn zookeeper
    """)

# Parts of configuration keys, and of the names of public error classes, in lower case.
PARTS = (
    PRODUCTS
    | SUBJECTS
    | SHADES
    | KEY_ROOTS
    | words_of("""
    abort aborted adaptive address admin advise advisory aggregation algorithm all allocated allow
    allowed already am analysis app arithmetic array arrow assertion attempt attempts auth
    authentication authorization auto autoscaling aux available backlog backoff bad balance bind
    bit buffer cached cancelled cast cbo channel checksum class cleaner client clock closed
    collector combine common compress concurrent conf config connect connector constraint context
    conversion crc credential database decimal decode def delta dependency deploy dir directory
    dirs display dynamic empty enabled encode env eof eviction exclude excluded exec exists
    external extra factor fair fatal field filter flush format found fraction framework global
    graceful group gss handler handshake hard health history home host hosts http https ill illegal
    import initial initializer inmemory input instance instances int interrupted intervals
    invalidate invocation ivy json keeper key killed kryo kryoserializer launch lease length level
    link linkage listener local login loss malformed map mb merge meta method min mkdir module ms
    multiplier name namespace native negative network no null num object off offheap operation opts
    order out outdated output overcommit overflow pages parallel parse parsing password path per
    percent percentage period physical plugin pmem pointer poll pool ports processing properties
    protocol provider push py quantile range rate ratio ready record records recoverable reference
    reflection region registration remote replace report require resolution result results retained
    retriable route scan schedule sec seconds secs security segment serializable shared shell shm
    side soft sort splits stack state stats store stream strict such supported syntax system target
    temp tmp tmpdir trace tracker transfer transform transport trigger type ui unauthorized unbound
    unchecked unhandled unicode unknown unsafe unsatisfied unsupported update user utf validation
    virtual vmem warehouse webapp work xml zip zk zoo
    """)
)
ERROR_ENDS = ("Exception", "Error", "Failed", "Killed", "Exceeded", "Timeout")
ERROR_WORDS = frozenset({"oomkilled", "fetchfailed", "metadatafetchfailed", "sigkill", "sigterm"})
PUBLIC_PACKAGES = (
    *("java.", "javax.", "scala.", "org.apache.", "com.google.common.", "io.netty.", "io.trino."),
    *("io.prestosql.", "com.facebook.presto.", "pyspark.", "py4j.", "sun.", "com.mysql."),
    "org.postgresql.",
)
CODES = words_of("1 52 127 137 139 143 403 404 429 500 502 503 504")
BEFORE_CODES = words_of("code exit exitcode signal status http error")
