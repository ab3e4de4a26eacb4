#!/usr/bin/env bash
# Finds, or installs where it may, what the browser tests need: Chromium, a Chinese font and nginx,
# the reverse proxy that one of them stands behind.
# It never fails: without a browser the tests themselves fail, with the reason.
set -uo pipefail

say() { printf 'browser: %s\n' "$@" >&2; }

if [ "${NETWORK_MAP_NO_BROWSER:-}" = 1 ]; then
  say "NETWORK_MAP_NO_BROWSER=1:不运行浏览器测试。 NETWORK_MAP_NO_BROWSER=1: browser tests will not run."
  exit 0
fi

has_chromium() {
  local name names=(chromium chromium-browser google-chrome google-chrome-stable)
  if [ -n "${NETWORK_MAP_CHROMIUM:-}" ]; then names=("$NETWORK_MAP_CHROMIUM"); fi
  for name in "${names[@]}"; do
    if "$name" --version >/dev/null 2>&1; then return 0; fi
  done
  return 1
}

has_chinese_font() {
  [ "$(uname)" = Darwin ] || [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]
}

has_nginx() { PATH="$PATH:/usr/sbin" command -v nginx >/dev/null; }

missing=()
has_nginx || missing+=(nginx-light)
has_chromium || missing+=(chromium)
has_chinese_font || missing+=(fonts-noto-cjk fontconfig)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

as_root=
if [ "$(id -u)" -ne 0 ]; then as_root="sudo -n"; fi
if command -v apt-get >/dev/null && ${as_root:+$as_root} true 2>/dev/null; then
  say "正在用 apt 安装:${missing[*]}。 Installing with apt: ${missing[*]}."
  log=$(mktemp)
  if ! {
    # In run level 1 a package that is installed starts no service: nginx is for the test alone.
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
      $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y \
        --no-install-recommends "${missing[@]}"
  } </dev/null >"$log" 2>&1; then tail -n 20 "$log" >&2; fi
  rm -f "$log"
fi

if ! has_chromium || ! has_chinese_font || ! has_nginx; then
  say "浏览器测试需要 Chromium、中文字体和 nginx,缺:${missing[*]}。请安装后重试:sudo apt-get install chromium fonts-noto-cjk nginx-light" \
    "已有浏览器可用 NETWORK_MAP_CHROMIUM=/路径/chromium 指定;不运行浏览器测试:NETWORK_MAP_NO_BROWSER=1。" \
    "The browser tests need Chromium, a Chinese font and nginx; missing: ${missing[*]}. Install them and try again: sudo apt-get install chromium fonts-noto-cjk nginx-light" \
    "Name a browser of your own with NETWORK_MAP_CHROMIUM=/path/to/chromium; leave browser tests out with NETWORK_MAP_NO_BROWSER=1."
fi
exit 0
