#!/bin/sh
# A throwaway PostgreSQL for tests:
#   postgres.sh start   starts one (installs Debian's packages where there is no server) and prints
# its URL
#   postgres.sh url     prints the URL of the one that runs; status 1 where none does
#   postgres.sh stop    stops what `start` started and deletes it
# It listens on a socket in its own folder only, keeps nothing safe (fsync is off) and belongs to
# whoever starts it; root gives it to an unprivileged user, because PostgreSQL refuses root.
# GUICHET_POSTGRES_DIR names another folder than the default, so that several can run.
set -eu

dir=${GUICHET_POSTGRES_DIR:-${TMPDIR:-/tmp}/guichet-postgres-$(id -u)}
url="postgres:///guichet?host=$dir/socket&user=guichet"

find_server() {
    for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -Vr); do
        if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then echo "$bin"; return; fi
    done
    server=$(command -v postgres) || return 1
    dirname "$(readlink -f "$server")"
}

# Runs a command as somebody PostgreSQL accepts.
unprivileged() {
    if [ "$(id -u)" -ne 0 ]; then "$@"; else (cd / && exec runuser -u "$user" -- "$@"); fi
}

is_running() { [ -n "$bin" ] && unprivileged "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; }

bin=$(find_server) || bin=
user=postgres
id "$user" >/dev/null 2>&1 || user=nobody

case "${1:-}" in
start)
    if [ -z "$bin" ]; then
        apt-get update -qq >&2
        # Without a cluster of Debian's own.
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
        bin=$(find_server)
        id postgres >/dev/null 2>&1 && user=postgres
    fi
    if ! is_running; then
        rm -rf "$dir"
        mkdir -p "$dir/data" "$dir/socket"
        touch "$dir/log"
        if [ "$(id -u)" -eq 0 ]; then chown -R "$user" "$dir"; fi
        unprivileged "$bin/initdb" -D "$dir/data" -U guichet -A trust -E UTF8 \
            --locale=C --no-sync >/dev/null
        unprivileged "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o \
            "-c listen_addresses='' -k $dir/socket -c fsync=off -c full_page_writes=off
             -c max_connections=300" \
            start >/dev/null || { cat "$dir/log" >&2; exit 1; }
        unprivileged "$bin/createdb" -h "$dir/socket" -U guichet guichet
    fi
    echo "$url"
    ;;
url)
    is_running || { echo "no PostgreSQL runs in $dir: start one with $0 start" >&2; exit 1; }
    echo "$url"
    ;;
stop)
    if is_running; then
        unprivileged "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null
    fi
    rm -rf "$dir"
    ;;
*)
    sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
