#!/usr/bin/env bash
# Makes .venv with the locked packages and this checkout in editable form. Safe to run again.
# PYTHON=/path/to/python3.x picks the interpreter; VENV=folder picks the place.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
began=$SECONDS

say() { printf 'setup: %s\n' "$@" >&2; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if is_new_enough "$candidate"; then
      command -v "$candidate"
      return
    fi
    if [ "$candidate" = "${PYTHON:-}" ]; then break; fi
  done
  say "需要 Python 3.11 或更高版本${PYTHON:+,而 PYTHON=$PYTHON 不是}。请安装后重试,或用 make PYTHON=/路径/python3.11 指定。" \
    "Python 3.11 or newer is needed${PYTHON:+, and PYTHON=$PYTHON is not one}. Install it and try again, or name it: make PYTHON=/path/to/python3.11"
  exit 1
}

make_venv() {
  local python
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "这个 Python 不能建立虚拟环境(缺 venv 或 ensurepip)。Debian/Ubuntu 请先运行:sudo apt-get install python3-venv" \
      "This Python cannot make a virtual environment (venv or ensurepip is missing). On Debian or Ubuntu run: sudo apt-get install python3-venv"
    exit 1
  fi
  "$python" -m venv --clear "$venv"
}

# A copied or half-made folder is made anew; a good one is kept.
if ! is_new_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  make_venv
fi
python=$venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

# pip's own mirror, if the user has set one, serves uv too: hashes decide what is accepted.
mirror=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$mirror" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$mirror}; fi

install_uv() {
  local wanted
  wanted=$(mktemp)
  awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' requirements-dev.lock >"$wanted"
  "$python" -m pip install --quiet --require-hashes -r "$wanted"
  rm -f "$wanted"
}

with_uv() {
  "$venv/bin/uv" pip install --no-config --quiet --python "$python" "$@"
}

with_pip() {
  "$python" -m pip install --quiet "$@"
}

# uv is about five times faster; pip alone does as well.
if ! { install_uv && with_uv --require-hashes -r requirements-dev.lock; }; then
  say "uv 不可用,改用 pip(较慢)。 uv is not usable here; pip takes over (slower)."
  with_pip --require-hashes -r requirements-dev.lock
fi
# hatchling is part of the lock: the build needs nothing from outside.
with_uv --no-deps --no-build-isolation --editable . 2>/dev/null ||
  with_pip --no-deps --no-build-isolation --editable .

touch "$venv/.locked"
say "环境就绪(${venv},$((SECONDS - began)) 秒)。 The environment is ready ($((SECONDS - began)) s)."
