#!/bin/sh
# The proxies of deploy/proxy as they are committed, only with other paths and ports, in front of a real coordinator:
# who gets in, who does not, and that only a certificate says who somebody is.
#
#   proxy.sh CONFITURE COORDINATOR SILENT     exit 77: a program that it needs is not here
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
CONFITURE=$1 COORDINATOR=$2 SILENT=$3
PATH=$PATH:/usr/sbin:/sbin
for program in haproxy nginx openssl; do
	command -v "$program" >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
WORK=$(mktemp -d "${TMPDIR:-/tmp}/confiture-proxy.XXXXXX")
chmod 755 "$WORK"
TLS=$WORK/tls
PIDS=""
failures=0 checks=0
LSAN_OPTIONS=suppressions=$ROOT/tests/support/lsan.supp:print_suppressions=0
export LSAN_OPTIONS NO_COLOR=1
unset CONFITURE_COORDINATOR CONFITURE_TOKEN CONFITURE_TOKEN_FILE XDG_CONFIG_HOME 2>/dev/null
HOME=$WORK
export HOME
cd "$WORK" || exit 2

end() {
	[ -z "$PIDS" ] || kill $PIDS 2>/dev/null
	wait
	rm -rf "$WORK"
}
trap end EXIT
trap 'exit 130' INT TERM

# ---- certificates ----
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$2" \
		-keyout "$TLS/$1.key" -out "$TLS/$1.pem" 2>>"$WORK/openssl.log"
}
# certificate NAME AUTHORITY SUBJECT [EXTENSION [DAYS]]
certificate() {
	echo "${4:-extendedKeyUsage=clientAuth}" >"$TLS/ext"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$3" -keyout "$TLS/$1.key" \
		-out "$TLS/$1.csr" 2>>"$WORK/openssl.log" &&
		openssl x509 -req -in "$TLS/$1.csr" -CA "$TLS/$2.pem" -CAkey "$TLS/$2.key" -CAcreateserial -days "${5:-2}" \
			-extfile "$TLS/ext" -out "$TLS/$1.pem" 2>>"$WORK/openssl.log"
}
mkdir "$TLS"
authority server-ca "server authority" && authority clients-ca "clients' authority" &&
	authority foreign-ca "clients' authority" &&
	certificate server server-ca "/CN=localhost" "subjectAltName=DNS:localhost" &&
	certificate agent clients-ca "/CN=agent:ann" &&
	certificate operator clients-ca "/CN=operator:olga" &&
	certificate nobody clients-ca "/CN=ann" &&
	certificate tricky clients-ca "/O=x,CN=operator:olga/CN=ann" &&
	certificate nameless clients-ca "/O=agent:ann" &&
	certificate foreign foreign-ca "/CN=operator:olga" &&
	certificate late clients-ca "/CN=agent:ann" "" -1 &&
	certificate late-server server-ca "/CN=localhost" "subjectAltName=DNS:localhost" -1 ||
	{ cat "$WORK/openssl.log"; exit 1; }
for who in agent operator nobody tricky nameless; do cat "$TLS/$who.pem" "$TLS/$who.key" >"$TLS/$who.both"; done
cat "$TLS/late-server.pem" "$TLS/late-server.key" >"$TLS/late-server.both"
cp "$TLS/server.pem" "$TLS/nginx-server.pem"
cat "$TLS/nginx-server.pem" "$TLS/server.key" >"$TLS/server.pem"

# ---- the parts ----
CONFITURE_PROXY_SECRET=$(openssl rand -hex 24)
export CONFITURE_PROXY_SECRET
echo "$CONFITURE_PROXY_SECRET" >"$WORK/proxy.secret"
echo "proxy_set_header X-Proxy-Token \"$CONFITURE_PROXY_SECRET\";" >"$TLS/proxy-token.conf"
chmod 600 "$WORK/proxy.secret" "$TLS"/*
PORT=$((20000 + $$ % 10000)) # one for each part from here
BACK=$PORT HAPROXY=$((PORT + 1)) NGINX=$((PORT + 2)) FORGER=$((PORT + 3)) LATE=$((PORT + 20))
cat >"$WORK/coordinator.yaml" <<EOF
listen: ws://127.0.0.1:$BACK/rpc
journal: $WORK/journal.db
proxy_secret_file: $WORK/proxy.secret
EOF
placed() {
	sed -e "s#/etc/confiture/tls#$TLS#g" -e "s#127\.0\.0\.1:7432#127.0.0.1:$BACK#g" -e "s#/run/nginx.pid#$WORK/nginx.pid#" \
		-e "s#bind :443#bind 127.0.0.1:$HAPROXY#" -e "s#listen 443#listen 127.0.0.1:$NGINX#" \
		-e "s#error_log stderr#error_log $WORK/nginx.log#" "$ROOT/deploy/proxy/$1" |
		if [ "$(id -u)" -eq 0 ]; then cat; else grep -Ev '^ *(user|group) '; fi >"$WORK/$1"
}
placed haproxy.cfg
sed -e "s#bind 127.0.0.1:$HAPROXY#bind 127.0.0.1:$LATE#" -e "s#$TLS/server.pem#$TLS/late-server.both#" \
	"$WORK/haproxy.cfg" >"$WORK/late.cfg"
placed nginx.conf

# A client that lies: what the command line sends in the clear goes on over TLS with a certificate, and with headers
# that would make it an operator. One port for each of them.
{
	printf 'defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n timeout tunnel 60s\n'
	port=$FORGER
	for proxy in $HAPROXY $NGINX; do
		for who in agent nobody tricky; do
			cat <<EOF
listen forge_$port
 bind 127.0.0.1:$port
 http-request set-header X-Client-CN operator:olga
 http-request add-header X-Client-CN operator:olga
 http-request set-header X-Proxy-Token guessed-guessed-guessed
 server s 127.0.0.1:$proxy ssl verify none crt $TLS/$who.both
EOF
			port=$((port + 1))
		done
	done
	cat <<EOF
listen direct_guess
 bind 127.0.0.1:$port
 http-request set-header Host 127.0.0.1:$BACK
 http-request set-header X-Client-CN operator:olga
 http-request set-header X-Proxy-Token guessed-guessed-guessed
 server s 127.0.0.1:$BACK
listen direct_bare
 bind 127.0.0.1:$((port + 1))
 http-request set-header Host 127.0.0.1:$BACK
 http-request set-header X-Client-CN operator:olga
 http-request del-header Authorization
 server s 127.0.0.1:$BACK
EOF
} >"$WORK/forger.cfg"
GUESS=$port BARE=$((port + 1))

# ---- checks ----
tell() {
	checks=$((checks + 1))
	[ "$1" -eq 0 ] && return
	failures=$((failures + 1))
	echo "FAILED: $2"
	sed 's/^/  | /' "$WORK/out"
	tail -n 3 "$WORK/coordinator.log" | sed 's/^/  coordinator: /'
}
# ask URL CERTIFICATE WORDS…: with "-" for no certificate but the local operator's token
ask() {
	where=$1 who=$2
	shift 2
	if [ "$who" = - ]; then
		set -- CONFITURE_TOKEN_FILE="$WORK/operator.token" "$CONFITURE" "$@"
	else
		set -- CONFITURE_CERT_FILE="$TLS/$who.pem" CONFITURE_KEY_FILE="$TLS/$who.key" "$CONFITURE" "$@"
	fi
	env CONFITURE_CA_FILE="$TLS/server-ca.pem" "$@" --coordinator "$where" >"$WORK/out" 2>&1
}
# exits CODE TEXT WHAT URL CERTIFICATE WORDS…
exits() {
	code=$1 text=$2 what=$3
	shift 3
	ask "$@"
	got=$?
	[ "$got" -eq "$code" ] && grep -q -- "$text" "$WORK/out"
	tell $? "$what: exit $got, wanted $code and \"$text\""
}
# answers STATUS WHAT PORT REQUEST: a request by hand with a good certificate
answers() {
	printf '%b' "$4" | openssl s_client -quiet -ign_eof -connect "127.0.0.1:$3" -cert "$TLS/agent.pem" \
		-key "$TLS/agent.key" >"$WORK/out" 2>/dev/null
	head -n 1 "$WORK/out" | grep -q "^HTTP/1.1 $1 "
	tell $? "$2: wanted $1"
}
start() {
	log=$WORK/$1.log
	shift
	"$@" >"$log" 2>&1 &
	PIDS="$PIDS $!"
}
# await WHAT COMMAND…: until it succeeds
await() {
	what=$1 tries=0
	shift
	until "$@" >"$WORK/out" 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || { echo "$what did not start"; cat "$WORK/out" "$WORK"/*.log; exit 1; }
		sleep 0.1
	done
}

haproxy -c -f "$WORK/haproxy.cfg" >"$WORK/out" 2>&1; tell $? "haproxy -c"
nginx -t -q -c "$WORK/nginx.conf" -p "$WORK" >"$WORK/out" 2>&1; tell $? "nginx -t"
start coordinator "$COORDINATOR" --config "$WORK/coordinator.yaml"
await coordinator grep "coordinator started" "$WORK/coordinator.log"
start haproxy haproxy -db -f "$WORK/haproxy.cfg"
start nginx nginx -c "$WORK/nginx.conf" -p "$WORK" -g 'daemon off;'
start late haproxy -db -f "$WORK/late.cfg"
start forger haproxy -db -f "$WORK/forger.cfg"
for port in $HAPROXY $NGINX; do
	await "port $port" ask "wss://localhost:$port/rpc" agent worker list
done
await forger ask "ws://127.0.0.1:$FORGER/rpc" - worker list

exits 0 "no workers" "the local operator, without a proxy" "ws://127.0.0.1:$BACK/rpc" - worker list
exits 5 "AUTH_001" "forged name and guessed secret, without a proxy" "ws://127.0.0.1:$GUESS/rpc" - worker list
exits 5 "AUTH_001" "forged name alone, without a proxy" "ws://127.0.0.1:$BARE/rpc" - worker list

exits 3 "has expired" "a server whose certificate has expired" "wss://localhost:$LATE/rpc" agent worker list
grep -q "next: openssl s_client" "$WORK/out"
tell $? "the next step is to look at the certificate"

forger=$FORGER
for port in $HAPROXY $NGINX; do
	proxy=haproxy
	[ "$port" -eq $HAPROXY ] || proxy=nginx
	url=wss://localhost:$port/rpc
	exits 0 "no workers" "$proxy: an agent's certificate" "$url" agent worker list
	exits 5 "AUTH_002" "$proxy: an agent's certificate, an operator's command" "$url" agent worker drain w1
	exits 5 "CONFIG_011" "$proxy: an operator's certificate" "$url" operator worker drain w1
	exits 3 "COORD_001" "$proxy: a token, but no certificate" "$url" - worker list
	exits 3 "COORD_001" "$proxy: a certificate of a foreign authority" "$url" foreign worker list
	exits 3 "COORD_001" "$proxy: a certificate that has expired" "$url" late worker list
	exits 5 "AUTH_001" "$proxy: a certificate whose name is no identity" "$url" nobody worker list

	# these bring an operator's true token, a forged name and a guessed secret
	exits 0 "no workers" "$proxy: an agent that lies" "ws://127.0.0.1:$forger/rpc" - worker list
	exits 5 "AUTH_002" "$proxy: an agent that lies, an operator's command" "ws://127.0.0.1:$forger/rpc" - worker drain w1
	exits 5 "AUTH_001" "$proxy: a nobody that lies" "ws://127.0.0.1:$((forger + 1))/rpc" - worker list
	exits 5 "AUTH_001" "$proxy: a name inside another part" "ws://127.0.0.1:$((forger + 2))/rpc" - worker list
	forger=$((forger + 3))

	end='HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
	answers 400 "$proxy: an escape at the end of the path" "$port" "GET /aaa%%41 $end"
	answers 400 "$proxy: an escape in the right path" "$port" "GET /rp%%63 $end"
	answers 400 "$proxy: an escape behind the path" "$port" "GET /rpc?%%41 $end"
	answers 404 "$proxy: another path" "$port" "GET / $end"
	answers 404 "$proxy: a longer path" "$port" "GET /rpc/ $end"
	exits 0 "no workers" "$proxy: still there after all that" "$url" agent worker list
done

# Ten thousand connections that say nothing, from one machine, and a client from another.
mkfifo "$WORK/hold"
for port in $HAPROXY $NGINX; do
	"$SILENT" "$port" 10000 <"$WORK/hold" >"$WORK/silent" 2>"$WORK/silent.log" &
	silent=$!
	exec 3>"$WORK/hold"
	await "10000 silent connections" grep -q . "$WORK/silent"
	[ "$(cat "$WORK/silent")" -eq 10000 ]
	tell $? "port $port: 10000 silent connections, $(cat "$WORK/silent" "$WORK/silent.log")"
	exits 0 "no workers" "port $port: a client beside 10000 silent connections" "wss://localhost:$port/rpc" agent worker list
	exec 3>&-
	wait $silent
	exits 0 "no workers" "port $port: a client after them" "wss://localhost:$port/rpc" agent worker list
done

# A certificate without a common name gets as far as the proxy.
for port in $HAPROXY $NGINX; do
	cp "$TLS/nameless.pem" "$TLS/agent.pem"
	cp "$TLS/nameless.key" "$TLS/agent.key"
	answers 403 "port $port: a certificate without a name" "$port" 'GET /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
done

# The coordinator has read none of the requests that the proxies refused, and lives.
kill -0 $(echo $PIDS | cut -d" " -f1) 2>/dev/null
tell $? "the coordinator lives"
echo "$checks checks, $failures failures"
[ "$failures" -eq 0 ]
