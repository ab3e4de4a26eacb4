#!/usr/bin/env bash
# Writes requirements.lock (to run), requirements-dev.lock (to work on it) and
# requirements-engines.lock (to test on PostgreSQL and Spark as well) from pyproject.toml: exact
# versions and hashes for every platform and Python from 3.11 on, without an index address.
# Usage: scripts/lock.sh [--upgrade]
set -euo pipefail
cd "$(dirname "$0")/.."

# Only the public registry may answer: a mirror or a folder of wheels configured on this machine
# could put other files' hashes into the lock.
for name in $(compgen -e | grep -E '^(PIP|UV)_' || true); do unset "$name"; done

uv=.venv/bin/uv
[ -x "$uv" ] || uv=$(command -v uv) || { echo "lock: run 'make setup' first (needs uv)" >&2; exit 1; }

compile() {
  "$uv" pip compile pyproject.toml --no-config --universal --python-version 3.11 \
    --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links \
    --custom-compile-command scripts/lock.sh --quiet "$@"
}
compile "$@" --output-file requirements.lock
compile "$@" --group dev --constraint requirements.lock --output-file requirements-dev.lock
compile "$@" --group dev --extra postgres --extra spark --constraint requirements-dev.lock \
  --output-file requirements-engines.lock

if grep -nE 'https?:|file:|--(index|extra|find)|@ ' requirements*.lock; then
  echo "lock: the lines above name a place instead of a version" >&2
  exit 1
fi
