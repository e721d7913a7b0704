#!/bin/sh
# Write the secrets of compose.yaml into secrets/, once: what is there stays as it is.
# OMIXA_API_KEY and POSTGRES_PASSWORD are taken from the environment where they are set.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-secrets}
umask 077
mkdir -p "$folder"

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

drawn() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# Each service runs as somebody else, so all may read the files, and nobody else the folder.
keep() {
    [ -s "$folder/$1" ] && return
    printf '%s\n' "$2" >"$folder/$1.part"
    chmod 444 "$folder/$1.part"
    mv -f "$folder/$1.part" "$folder/$1"
}

# Print a password that fits into an address as it is.
password() {
    case $(cat "$folder/$1") in
    *[!A-Za-z0-9._~-]*) fail "$folder/$1 has characters that an address cannot hold: write $folder/$2 by hand, with them as %40 and the like." ;;
    *) cat "$folder/$1" ;;
    esac
}

keep studio_secret_key "$(drawn)"
keep redis_password "$(drawn)"
keep postgres_password "${POSTGRES_PASSWORD:-$(drawn)}"
[ -s "$folder/queue_url" ] || password redis_password queue_url >/dev/null
[ -s "$folder/database_url" ] || password postgres_password database_url >/dev/null
keep queue_url "redis://:$(cat "$folder/redis_password")@redis:6379/0"
keep database_url "postgres://studio:$(cat "$folder/postgres_password")@postgres:5432/studio"
[ -n "${OMIXA_API_KEY:-}" ] && keep omixa_api_key "$OMIXA_API_KEY"
[ -s "$folder/omixa_api_key" ] || fail "$folder/omixa_api_key is missing: write the workspace key of the gateway into it."
