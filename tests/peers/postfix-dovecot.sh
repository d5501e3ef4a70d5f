#!/bin/bash
# A peer to measure beside: Debian's Postfix and Dovecot on loopback, on ports and in a folder of
# their own. Needs root, because Postfix and Dovecot run as their own users.
#
#   postfix-dovecot.sh install   Debian's packages where they are missing; no service is started
#   postfix-dovecot.sh setup     configuration, certificate, users
#   postfix-dovecot.sh start     both; waits for nothing
#   postfix-dovecot.sh stop      both
#   postfix-dovecot.sh pids      the two master processes
#   postfix-dovecot.sh placed    how many messages lie in the mailboxes
#   postfix-dovecot.sh settled   whether all work is done: here it always is
#   postfix-dovecot.sh remove    stops both and deletes the folder
#
# Ports: 2525 SMTP for reception, 2587 submission (STARTTLS, AUTH, reject_sender_login_mismatch),
# 1993 IMAP with TLS.
# Users: user1..userN@example.test, password secretN. groupN@example.test may be sent as by userN
# and user(N+1). Durability is Debian's default: Postfix syncs its queue, Dovecot what it delivers.
#
# PEER_DIR     ${TMPDIR:-/tmp}/guichet-peer   everything lives below it
# PEER_USERS   20
# PEER_KEY     rsa2048, as Debian makes its own, or p256
set -euo pipefail
D=${PEER_DIR:-${TMPDIR:-/tmp}/guichet-peer}
USERS=${PEER_USERS:-20}
KEY=${PEER_KEY:-rsa2048}
MAIL_UID=20001
PF=$D/postfix
DC=$D/dovecot

install() {
    if command -v postfix >/dev/null && command -v doveadm >/dev/null &&
        [ -e /usr/lib/dovecot/lmtp ] && [ -e /usr/lib/dovecot/imap ] &&
        command -v openssl >/dev/null; then
        return 0
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    # No service starts by itself while the packages go in.
    local policy=/usr/sbin/policy-rc.d made=
    [ -e $policy ] || { made=1; printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; }
    local packages=(postfix dovecot-core dovecot-imapd dovecot-lmtpd openssl)
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2 || {
        apt-get update -qq >&2
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
    }
    [ -z "$made" ] || rm -f $policy
}

certificate() {
    [ ! -e "$D/tls/$KEY.key" ] || return 0
    case $KEY in
    rsa2048) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$D/tls/$KEY.key" ;;
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$D/tls/$KEY.key" ;;
    *) echo "PEER_KEY is rsa2048 or p256" >&2; exit 2 ;;
    esac 2>/dev/null
    openssl req -new -x509 -key "$D/tls/$KEY.key" -out "$D/tls/$KEY.crt" -days 365 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost
    chmod 600 "$D/tls/$KEY.key"
}

accounts() {
    : >$PF/etc/mailboxes
    : >$PF/etc/logins
    : >$PF/etc/virtual
    : >$DC/users
    local i
    for ((i = 1; i <= USERS; i++)); do
        echo "user$i@example.test ok" >>$PF/etc/mailboxes
        echo "group$i@example.test ok" >>$PF/etc/mailboxes
        echo "user$i@example.test user$i@example.test" >>$PF/etc/logins
        echo "group$i@example.test user$i@example.test,user$((i % USERS + 1))@example.test" \
            >>$PF/etc/logins
        # A group's mail goes to its first member.
        echo "group$i@example.test user$i@example.test" >>$PF/etc/virtual
        echo "user$i@example.test:$(doveadm pw -s SHA512-CRYPT -p secret$i)" >>$DC/users
    done
    chmod 644 $DC/users
}

postfix_files() {
    chown root:root $PF/etc $PF/spool
    chown postfix:root $PF/data
    cat >$PF/etc/main.cf <<EOF
compatibility_level = 3.6
queue_directory = $PF/spool
data_directory = $PF/data
maillog_file = $PF/maillog
maillog_file_prefixes = $PF
myhostname = mail.example.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
local_recipient_maps =
default_transport = error:5.1.2 no such route here
relay_transport = error:5.1.2 no such route here
virtual_mailbox_domains = example.test
virtual_mailbox_maps = texthash:$PF/etc/mailboxes
virtual_alias_maps = texthash:$PF/etc/virtual
virtual_transport = lmtp:unix:$DC/run/lmtp
smtpd_sender_login_maps = texthash:$PF/etc/logins
smtpd_tls_cert_file = $D/tls/$KEY.crt
smtpd_tls_key_file = $D/tls/$KEY.key
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = $DC/run/auth-postfix
smtp_dns_support_level = disabled
message_size_limit = 52428800
EOF
    cat >$PF/etc/master.cf <<EOF
127.0.0.1:2525 inet n - n - - smtpd
127.0.0.1:2587 inet n - n - - smtpd
  -o syslog_name=postfix/submission -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_sender_restrictions=reject_sender_login_mismatch
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o milter_macro_daemon_name=ORIGINATING
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
EOF
}

dovecot_files() {
    cat >$DC/dovecot.conf <<EOF
base_dir = $DC/run
state_dir = $DC/run
log_path = $DC/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <$D/tls/$KEY.crt
ssl_key = <$D/tls/$KEY.key
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:~/maildir
mail_fsync = optimized
first_valid_uid = 500
passdb {
  driver = passwd-file
  args = username_format=%u $DC/users
}
userdb {
  driver = static
  args = uid=$MAIL_UID gid=$MAIL_UID home=$DC/mail/%n
}
service auth {
  client_limit = 4096
  unix_listener auth-postfix {
    mode = 0660
    user = postfix
    group = postfix
  }
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    address = 127.0.0.1
    port = 1993
    ssl = yes
  }
}
service anvil {
  client_limit = 2048
}
service lmtp {
  unix_listener lmtp {
    mode = 0660
    user = postfix
    group = postfix
  }
}
protocol imap {
  mail_max_userip_connections = 60
}
protocol lmtp {
  auth_username_format = %Lu
}
namespace inbox {
  inbox = yes
  separator = /
}
EOF
}

setup() {
    stop
    mkdir -p $D/tls $PF/etc $PF/spool $PF/data $DC/run $DC/mail
    chmod 755 $D $PF $DC
    certificate
    accounts
    postfix_files
    dovecot_files
    chown $MAIL_UID:$MAIL_UID $DC/mail
}

start() {
    dovecot -c $DC/dovecot.conf
    postfix -c $PF/etc start 2>/dev/null
}

stop() {
    [ ! -e $PF/etc/main.cf ] || postfix -c $PF/etc stop >/dev/null 2>&1 || true
    [ ! -e $DC/run/master.pid ] || doveadm -c $DC/dovecot.conf stop >/dev/null 2>&1 || true
}

pids() {
    tr -d ' ' <$PF/spool/pid/master.pid
    cat $DC/run/master.pid
}

case ${1:-} in
install) install ;;
setup) setup ;;
start) start ;;
stop) stop ;;
pids) pids ;;
settled) echo yes ;;
placed) find $DC/mail -path '*/new/*' -type f | wc -l ;;
remove)
    stop
    rm -rf "$D"
    ;;
*)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
