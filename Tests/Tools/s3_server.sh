#!/usr/bin/env bash
# A real S3 server on loopback for the tests: Ceph's RADOS Gateway over one monitor and one storage daemon that keeps all in memory.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: Tests/Tools/s3_server.sh start FOLDER | stop FOLDER | memory FOLDER

start    starts the server with everything below FOLDER, which must be empty or missing, and returns when it answers; the ports are free
         ones.  FOLDER/environment then holds lines KEY=value, for `while read -r line; do export "$line"; done <FOLDER/environment`
stop     ends all its processes, by the ids in FOLDER; the folder stays.  All data are lost
memory   prints the resident memory of each process

Four listeners over the same buckets: plain HTTP and TLS of one gateway, a gateway that answers 503 SlowDown to a third request at a time,
and one that takes session tokens.  The host in a request is an address, s3.localhost or, for virtual-host style, BUCKET.s3.localhost: any
other name would be taken for a bucket's.  There are two users, the second of whom may do nothing with the first one's buckets; two
buckets of the first, one with a dot in its name, and one of the second.  Needs the Debian packages radosgw, ceph-mon, ceph-osd, ceph-common and openssl, and Python 3;
any user may run it.  BACKFILL_PYTHON: the Python, if not python3.
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${BACKFILL_PYTHON:-python3}
access_key=testaccesskey secret_key=testsecretkey0123456789
other_access_key=otheraccesskey other_secret_key=othersecretkey9876543210

complain() {
  printf '%s\n' "$@" >&2
  return 1
}

# daemon NAME COMMAND...: in a session of its own, so that no signal to the terminal reaches it; its id is kept.
daemon() {
  local name=$1
  shift
  setsid "$@" >"$folder/$name.out" 2>&1 </dev/null &
  echo $! >"$folder/$name.pid"
}

is_running() { kill -0 "$(<"$folder/$1.pid")" 2>/dev/null; }

# within SECONDS COMMAND...: repeats the command until it succeeds.
within() {
  local deadline=$((SECONDS + $1 + 1))
  shift
  until "$@" >>"$folder/waiting.log" 2>&1; do
    ((SECONDS < deadline)) || complain "not in time: $*" || return 1
    sleep 0.05
  done
}

# Two authorities: the second one has signed nothing, and must not be trusted.
make_certificates() {
  local names='subjectAltName=DNS:localhost,DNS:s3.localhost,DNS:*.s3.localhost,IP:127.0.0.1' name
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
  for name in ca other-ca; do
    openssl req -x509 "${key[@]}" -days 30 -subj "/CN=$name of the tests" -keyout "$folder/$name.key" -out "$folder/$name.pem"
  done
  openssl req "${key[@]}" -subj /CN=localhost -keyout "$folder/server.key" -out "$folder/server.csr"
  openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 30 \
    -extfile <(echo "$names") -out "$folder/server.pem"
}

# Nothing is replicated, signed between the daemons, written to disk, or listens elsewhere than on loopback; nor does anybody note what
# each operation did, which would be a tenth of all work.
write_configuration() {
  cat >"$CEPH_CONF" <<TEXT
[global]
fsid = $cluster
mon_initial_members = a
mon_host = [v1:127.0.0.1:$monitor_port]
monmap = $folder/monmap
ms_bind_msgr2 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = $folder/run
admin_socket =
log_file = $folder/\$name.log
pid_file =
crash_dir = $folder/crash
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
debug_ms = 0/0
debug_mon = 0/0
debug_paxos = 0/0
debug_osd = 0/0
debug_objclass = 0/0
debug_objecter = 0/0
debug_rgw = 0/0
osd_enable_op_tracker = false
[mon]
mon_data = $folder/mon
mon_data_avail_crit = 1
mon_data_avail_warn = 2
paxos_propose_interval = 0.05
paxos_min_wait = 0.02
[osd]
osd_data = $folder/osd
osd_objectstore = memstore
memstore_device_bytes = 6442450944
osd_class_load_list = *
osd_class_default_list = *
[client]
rgw_dns_name = s3.localhost
rgw_sts_key = abcdefghijklmnop
rgw_thread_pool_size = 64
rgw_dynamic_resharding = false
rgw_override_bucket_index_max_shards = 1
rgw_enable_lc_threads = false
rgw_enable_usage_log = false
rgw_enable_ops_log = false
[client.plain]
rgw_frontends = beast endpoint=127.0.0.1:$plain_port tcp_nodelay=1 ssl_endpoint=127.0.0.1:$tls_port ssl_certificate=$folder/server.pem ssl_private_key=$folder/server.key
[client.slow]
rgw_frontends = beast endpoint=127.0.0.1:$slow_port tcp_nodelay=1
rgw_max_concurrent_requests = 2
[client.sts]
rgw_frontends = beast endpoint=127.0.0.1:$sts_port tcp_nodelay=1
rgw_s3_auth_use_sts = true
TEXT
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
ceph_command() { timeout 5 ceph --connect-timeout 2 "$@"; }
storage_is_up() { ceph_command osd stat | grep -q '1 up'; }
storage_is_up_or_dead() { ! is_running ceph-osd || storage_is_up; }

# The storage daemon now and then loses a race with the monitor and dies of a 'wrong fsid': it is started again then.
start_storage() {
  local attempt storage
  storage=$(</proc/sys/kernel/random/uuid)
  within 20 ceph_command osd new "$storage" || return 1
  ceph-osd -i 0 --mkfs --osd-uuid "$storage" >>"$folder/mkfs.log" 2>&1 || complain 'ceph-osd --mkfs failed' || return 1
  for attempt in 1 2 3 4 5; do
    daemon ceph-osd ceph-osd -f -i 0
    if within 10 storage_is_up_or_dead && is_running ceph-osd; then return; fi
    kill -KILL "$(<"$folder/ceph-osd.pid")" 2>/dev/null || true
    echo "the storage daemon did not come up, attempt $attempt" >>"$folder/waiting.log"
  done
  complain 'the storage daemon did not come up'
}

add_user() {
  timeout 30 radosgw-admin -n client.plain user create --uid="$1" --display-name="$1" --access-key="$2" --secret-key="$3" \
    --caps='user-policy=*;roles=*' >"$folder/user-$1.log" 2>&1 || complain "the user $1 could not be added"
}

make_buckets() {
  "$python" "$here/s3_session.py" buckets "http://127.0.0.1:$plain_port" "$@" || complain "the buckets could not be made: ${*:3}"
}

# The temporary credentials come from the server itself; the file appears whole.
write_environment() {
  cat >"$folder/environment.new" <<TEXT
BACKFILL_S3_ENDPOINT=http://127.0.0.1:$plain_port
BACKFILL_S3_TLS_ENDPOINT=https://s3.localhost:$tls_port
BACKFILL_S3_CA=$folder/ca.pem
BACKFILL_S3_OTHER_CA=$folder/other-ca.pem
BACKFILL_S3_SLOW_ENDPOINT=http://127.0.0.1:$slow_port
BACKFILL_S3_STS_ENDPOINT=http://127.0.0.1:$sts_port
BACKFILL_S3_BUCKET=backfill-tests
BACKFILL_S3_DOTTED_BUCKET=backfill.tests
BACKFILL_S3_OTHER_BUCKET=backfill-other
BACKFILL_S3_ACCESS_KEY=$access_key
BACKFILL_S3_SECRET_KEY=$secret_key
BACKFILL_S3_OTHER_ACCESS_KEY=$other_access_key
BACKFILL_S3_OTHER_SECRET_KEY=$other_secret_key
TEXT
  "$python" "$here/s3_session.py" session "http://127.0.0.1:$sts_port" test "$access_key" "$secret_key" >>"$folder/environment.new" ||
    complain 'the server gave no session token' || return 1
  mv "$folder/environment.new" "$folder/environment"
}

# The first command that reaches the storage makes the gateways' pools, and must be alone.
start_once() {
  local name users=()
  read -r monitor_port plain_port tls_port slow_port sts_port < <("$python" "$here/s3_session.py" ports 5)
  [[ -n $sts_port ]] || complain 'no free ports' || return 1
  cluster=$(</proc/sys/kernel/random/uuid)
  mkdir -p "$folder/mon" "$folder/osd" "$folder/run"
  write_configuration
  make_certificates >"$folder/certificates.log" 2>&1 || complain 'openssl could not make certificates' || return 1
  monmaptool --create --clobber --addv a "[v1:127.0.0.1:$monitor_port]" --fsid "$cluster" "$folder/monmap" >"$folder/mkfs.log" 2>&1 &&
    ceph-mon --mkfs -i a --monmap "$folder/monmap" >>"$folder/mkfs.log" 2>&1 || complain 'the monitor could not be made' || return 1
  daemon ceph-mon ceph-mon -f -i a
  within 10 answers "$monitor_port" || return 1
  start_storage || return 1
  add_user test "$access_key" "$secret_key" || return 1
  add_user other "$other_access_key" "$other_secret_key" &
  users+=($!)
  for name in plain slow sts; do
    daemon "radosgw-$name" radosgw -f -n "client.$name"
  done
  wait "${users[@]}" || return 1
  "$python" "$here/s3_session.py" wait 60 "http://127.0.0.1:"{"$plain_port","$slow_port","$sts_port"} || complain 'a gateway did not answer' || return 1
  make_buckets "$access_key" "$secret_key" backfill-tests backfill.tests || return 1
  make_buckets "$other_access_key" "$other_secret_key" backfill-other || return 1
  write_environment
}

# The data are to be thrown away: nothing is shut down gracefully.  Only processes that are still what was started are ended.
stop_all() {
  local file id
  for file in "$folder"/*.pid; do
    [[ -f $file ]] || continue
    id=$(<"$file")
    if [[ $(tr '\0' ' ' <"/proc/$id/cmdline" 2>/dev/null) =~ ^(setsid )?(ceph-mon|ceph-osd|radosgw)\  ]]; then
      kill -KILL "$id" 2>/dev/null || true
    fi
    rm -f "$file"
  done
}

start() {
  local attempt
  [[ ! -e $folder || -z $(ls -A "$folder") ]] || complain "$folder is not empty" || return 1
  for attempt in 1 2; do
    mkdir -p "$folder"
    if start_once; then return; fi
    stop_all
    mkdir -p "$folder.failed" && rm -rf "$folder.failed/$attempt" && mv "$folder" "$folder.failed/$attempt"
    echo "attempt $attempt to start the S3 server failed; its logs are in $folder.failed/$attempt" >&2
  done
  return 1
}

memory() {
  local file
  for file in "$folder"/*.pid; do
    echo "$(basename "$file" .pid) $(awk '/^VmRSS/ { print int($2 / 1024) " MiB" }' "/proc/$(<"$file")/status")"
  done
}

(($# == 2)) || { usage >&2 && exit 2; }
folder=$(realpath -m "$2")
export CEPH_CONF=$folder/ceph.conf
unset CEPH_ARGS
case $1 in
  start)
    trap 'stop_all; exit 143' INT TERM HUP
    start
    ;;
  stop) stop_all ;;
  memory) memory ;;
  *) usage >&2 && exit 2 ;;
esac
