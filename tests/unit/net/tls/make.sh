#!/bin/sh
# Makes the certificates of the TLS tests anew, for a hundred years: an authority, a server "worker-1" and a client of
# it, and an authority that nobody trusts. The keys protect nothing.
set -eu
cd "$(dirname "$0")"
authority() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
# signed NAME SAN
signed() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
	printf 'subjectAltName=%s\n' "$2" >"$1.ext"
	openssl x509 -req -in "$1.csr" -CA ours.pem -CAkey ours.key -CAcreateserial -days 36500 \
		-extfile "$1.ext" -out "$1.pem" 2>/dev/null
	rm -f "$1.csr" "$1.ext"
}
authority ours
authority other
signed worker-1 DNS:worker-1
signed client DNS:client
rm -f ours.key other.key ours.srl
