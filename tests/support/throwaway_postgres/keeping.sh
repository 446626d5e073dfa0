# What the scripts have in common that keep a server until their standard input ends: a temporary directory that never
# stays behind, an unprivileged user, certificates, a free port. Sourced first thing, with the kind of server.
#
#   keep postgres QUIT          # $dir, $log, as_server=(...)
#   certificates; free_port; ...
#   server=$!                   # what stop_server ends, and the end of the script
# shellcheck shell=bash

trap '' INT TERM HUP PIPE       # the end of standard input is what stops it

fail() { echo "failed $*"; echo "throwaway $kind: $*" >&2; exit 1; }

server=
stop_server() {     # SIGNAL
    [ -n "$server" ] || return 0
    kill "-$1" "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}
clean_up() {
    stop_server "$end_signal"
    rm -rf "$dir"
}

keep() {            # KIND SIGNAL: what ends such a server at once
    kind=$1 end_signal=$2
    local base=${TMPDIR:-/tmp} old
    [ "${#base}" -lt 60 ] || base=/tmp      # a Unix socket's path has 107 bytes

    # What a keeper that was killed left behind: nobody holds its lock any more.
    for old in "$base"/wharf-*.*; do
        [ -e "$old/keeper" ] && flock -n "$old/keeper" rm -rf "$old"
    done 2>/dev/null || true

    dir=$(mktemp -d "$base/wharf-$kind.XXXXXX")
    chmod 755 "$dir"
    exec 9>"$dir/keeper.new"
    flock -n 9
    mv "$dir/keeper.new" "$dir/keeper"
    log=$dir/log

    # These servers refuse to run as root. --pdeathsig: should this script be killed, the server ends at once.
    as_server=(setpriv --pdeathsig "$end_signal")
    owner=
    if [ "$(id -u)" -eq 0 ]; then
        owner=postgres
        id "$owner" >/dev/null 2>&1 || owner=nobody
        as_server=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups --pdeathsig "$end_signal" env HOME=/)
        chown "$owner" "$dir"
    fi
    : >"$log"
    chmod 666 "$log"
    trap clean_up EXIT
}

# $dir/ca.crt, $dir/server.crt, $dir/server.key
certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=wharf test CA" \
        -keyout "$dir/ca.key" -out "$dir/ca.crt" &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
        -keyout "$dir/server.key" -out "$dir/server.csr" &&
    openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$dir/server.crt" &&
    chmod 600 "$dir/server.key" &&
    if [ -n "$owner" ]; then chown "$owner" "$dir/server.key" "$dir/server.crt"; fi
}

make_certificates() {
    certificates >"$dir/openssl.log" 2>&1 || fail "openssl could not make a certificate: $(tail -n 3 "$dir/openssl.log")"
}

# Below the range from which the kernel takes ports for outgoing connections. Perhaps taken: whoever starts a server on
# it tries again.
random_port() { echo $((10000 + (RANDOM * 32768 + RANDOM) % 20000)); }

# What the tests read; the same lines stay in $dir/address.
describe() {        # USER PASSWORD PORT
    printf '%s\n' "user=$1" "password=$2" "host=$dir" "port=$3" "ca=$dir/ca.crt" "log=$log" "pid=$server" |
        tee "$dir/address"
    echo ready
}
