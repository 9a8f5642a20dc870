#!/bin/bash
# The "System Events & Decentralized JWT" page, command by command, with this package's tools alone.
# Runs in a network namespace of its own, because the page wants ports 4222 and 9090.
# $1: the natsight command.
set -eu
ip link set lo up
export HOME="$PWD/home" NSC_LAYOUT=tutorial
mkdir -p "$HOME/bin"
"$1" links "$HOME/bin" > /dev/null
export PATH="$HOME/bin:$PATH"
cd "$HOME"
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT

wait_for() { # a text in a file
  for _ in $(seq 600); do grep -q -- "$1" "$2" 2> /dev/null && return 0; sleep 0.1; done
  echo "not found in $2: $1"; cat "$2"; exit 1
}

echo "## keys"
nsc add operator -n SAOP
nsc add account -n SYS
nsc add user -n SYSU
ls ~/.nsc/nats/SAOP/SAOP.jwt ~/.nkeys/SAOP/SAOP.nk ~/.nkeys/SAOP/accounts/SYS/SYS.nk ~/.nkeys/SAOP/accounts/SYS/users/SYSU.nk

echo "## account server"
nats-account-server -nsc ~/.nsc/nats/SAOP > account-server.log 2>&1 &
wait_for "nats-account-server is running" account-server.log

echo "## server"
nsc list accounts 2>&1 | tee accounts.txt
cat > server.conf << CONF
operator: $HOME/.nsc/nats/SAOP/SAOP.jwt
system_account: $(grep -o 'A[A-Z2-7]\{55\}' accounts.txt)
resolver: URL(http://localhost:9090/jwt/v1/accounts/)
CONF
nats-server -c server.conf > server.log 2>&1 &
wait_for "Server is ready" server.log

echo "## events"
nats-sub -creds ~/.nkeys/SAOP/accounts/SYS/users/SYSU.creds ">" > events.log 2>&1 &
wait_for "Listening on" events.log
nats-pub -creds ~/.nkeys/SAOP/accounts/SYS/users/SYSU.creds foo bar
wait_for '\.DISCONNECT\]' events.log
wait_for '"reason": "Client Closed"' events.log
cat events.log

echo "## services"
nats-req -creds ~/.nkeys/SAOP/accounts/SYS/users/SYSU.creds \$SYS.REQ.SERVER.PING ""
ID=$(grep -o 'N[A-Z2-7]\{55\}' server.log | head -1)
nats-req -creds ~/.nkeys/SAOP/accounts/SYS/users/SYSU.creds \$SYS.REQ.SERVER.$ID.STATSZ ""
echo "## end"
