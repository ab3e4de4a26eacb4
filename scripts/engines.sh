#!/usr/bin/env bash
# Brings what the engine tests need: PostgreSQL's server, Java 17, and the two drivers.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}

needed=()
{ compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; } >/dev/null || needed+=(postgresql)
{ command -v java || [ -n "${JAVA_HOME:-}" ]; } >/dev/null || needed+=(openjdk-17-jre-headless)
if [ ${#needed[@]} -gt 0 ]; then
  echo "engines: 正在安装 ${needed[*]} / installing ${needed[*]}" >&2
  as_root=
  if [ "$(id -u)" -ne 0 ]; then as_root="sudo -n"; fi
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${needed[@]}"
fi

stamp=$venv/.engines
if [ ! -e "$stamp" ] || [ requirements-engines.lock -nt "$stamp" ] || [ "$venv/.locked" -nt "$stamp" ]; then
  mirror=${PIP_INDEX_URL:-$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
  if [ -n "$mirror" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$mirror}; fi
  "$venv/bin/uv" pip install --no-config --quiet --python "$venv/bin/python" \
    --require-hashes -r requirements-engines.lock
  touch "$stamp"
fi
