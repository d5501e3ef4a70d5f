#!/bin/bash
# Guichet as one of the servers to measure: the sample organisation on loopback, served for real.
#
#   guichet.sh install   checks that the program is there
#   guichet.sh setup     a new data directory with the sample organisation and twenty users more
#   guichet.sh init      a new data directory as `guichet init` makes it
#   guichet.sh start     starts the server; returns when it takes mail
#   guichet.sh stop      stops it
#   guichet.sh pids      its process
#   guichet.sh placed    how many messages lie in the inboxes, as the database says
#   guichet.sh settled  whether all messages are in the index of words
#   guichet.sh bytes     how large the database is
#   guichet.sh remove    stops it and deletes the folder
#
# Ports: 31025 SMTP for reception, 31587 submission, 31993 IMAP with TLS.
# claire.martin@contoso.com, password guichet-demo, may send as support@contoso.com and not as
# facturation@contoso.com; user1 to user20 receive. The limits on sending are raised; everything
# else is as it comes, log and durability too.
#
# GUICHET      target/release/guichet   the program
# PEER_DIR     ${TMPDIR:-/tmp}/guichet-bench
set -euo pipefail
D=${PEER_DIR:-${TMPDIR:-/tmp}/guichet-bench}
PROGRAM=${GUICHET:-$(dirname "$0")/../../target/release/guichet}
PORT_BASE=31000

export GUICHET_LISTEN_ADDRESS=127.0.0.1
export GUICHET_LISTEN_PORT_BASE=$PORT_BASE
export GUICHET_DNS_ENABLED=false
export GUICHET_OUTBOUND_SMARTHOST=127.0.0.1:$((PORT_BASE + 26))
export GUICHET_LIMITS_MESSAGES_PER_HOUR=10000000
export GUICHET_LIMITS_RECIPIENTS_PER_DAY=100000000
export GUICHET_LIMITS_LOOPBACK_EXEMPT=true
export GUICHET_SMTP_CONNECTIONS_PER_ADDRESS_MAX=500
export GUICHET_LOG_LEVEL=info

# Runs the program with the words given, in the background, until it takes mail.
launch() {
    "$PROGRAM" "$@" >>"$D/log" 2>&1 &
    echo $! >"$D/pid"
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        if (: <>"/dev/tcp/127.0.0.1/$((PORT_BASE + 587))") 2>/dev/null; then return 0; fi
        kill -0 "$(cat "$D/pid")" 2>/dev/null || break
        sleep 0.1
    done
    echo "the server does not start:" >&2
    tail -n 5 "$D/log" >&2
    return 1
}

stop() {
    [ -e "$D/pid" ] || return 0
    local pid
    pid=$(cat "$D/pid")
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    rm -f "$D/pid"
}

fresh() {
    stop
    rm -rf "$D"
    mkdir -p "$D"
    chmod 700 "$D"
}

setup() {
    fresh
    launch demo --no-story --dir "$D/data" --port-base $PORT_BASE
    local i
    for ((i = 1; i <= 20; i++)); do
        echo guichet-demo | "$PROGRAM" --dir "$D/data" user create "user$i@contoso.com" \
            --name "User $i" --password-file - >>"$D/log" 2>&1
    done
    stop
}

init() {
    fresh
    "$PROGRAM" init --dir "$D/data" --domain example.org --admin admin@example.org >"$D/log"
}

PLACED="select coalesce(sum(messages), 0) from folder where role = 'inbox'"
BEHIND="select count(*) from folder where indexed_uid < uid_next - 1"

# The database is read with whatever of the two is there.
count() {
    local query=$1
    if command -v sqlite3 >/dev/null; then
        sqlite3 "$D/data/guichet.db" "$query"
    else
        python3 - "$D/data/guichet.db" "$query" <<'PY'
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])
PY
    fi
}

case ${1:-} in
install) [ -x "$PROGRAM" ] || { echo "$PROGRAM is missing: cargo build --release" >&2; exit 1; } ;;
setup) setup ;;
init) init ;;
start) launch serve --dir "$D/data" ;;
stop) stop ;;
pids) cat "$D/pid" ;;
settled) if [ "$(count "$BEHIND")" = 0 ]; then echo yes; else echo no; fi ;;
placed) count "$PLACED" ;;
bytes) du -cb "$D"/data/guichet.db* | tail -n 1 | cut -f1 ;;
remove)
    stop
    rm -rf "$D"
    ;;
*)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
