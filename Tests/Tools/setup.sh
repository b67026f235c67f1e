# shellcheck shell=bash
# Helpers of Tests/run and Examples/run: headings, timings, and what a fresh Debian machine lacks.  Sourced, not run.

# shellcheck disable=SC2034  # used by those who source this
BUILD_PACKAGES=(ca-certificates git libbrotli-dev libcurl4-openssl-dev libdeflate-dev liblz4-dev libsnappy-dev libzstd-dev pkg-config zlib1g-dev)

section() { printf '\n=== %s (after %d s) ===\n' "$*" "$SECONDS"; }

# A heading that nobody overlooks.
loud() {
  printf '\n%s\n' '******************************************************************************'
  printf '***  %s\n' "$@"
  printf '%s\n\n' '******************************************************************************'
}

# stop CODE LINE...: a message on standard error, and the end.
stop() {
  local code=$1
  shift
  printf '%s\n' "$@" >&2
  exit "$code"
}

# need_packages NAME...: installs the Debian packages that are missing, or says how and stops with exit code 3.
need_packages() {
  local missing=() name command
  if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian machine: taking for granted what these packages hold: $*"
    return
  fi
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${Status}' "$name" 2>/dev/null) == *' installed' ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  command="apt-get install --yes --no-install-recommends ${missing[*]}"
  echo "installing: ${missing[*]}"
  if ((EUID == 0)); then
    DEBIAN_FRONTEND=noninteractive apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null && return
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    sudo apt-get update -qq || true
    sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null && return
  fi
  stop 3 "These Debian packages are missing and could not be installed here. Please run, as root:" "  apt-get update && $command" \
    "and then this command again."
}

need_swift() {
  command -v swift >/dev/null || stop 3 "swift is not in PATH. Please install a Swift 6.2 toolchain or newer and add its usr/bin to PATH."
  swift --version 2>/dev/null | head -n 1
}

# The first Python that can make a virtual environment, or nothing.
venv_python() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      command -v "$python"
      return
    fi
  done
}

# make_venv FOLDER REQUIREMENT...: a virtual environment with these packages; false when pip could not get them.
make_venv() {
  local folder=$1 python
  shift
  [[ -f $folder/requirements && $(<"$folder/requirements") == "$*" ]] && return
  python=$(venv_python)
  if [[ -z $python ]]; then
    need_packages python3 python3-venv
    python=$(venv_python)
  fi
  [[ -n $python ]] || return 1
  rm -rf "$folder"
  echo "making $folder: $*"
  "$python" -m venv "$folder" || return 1
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@" || return 1
  printf '%s' "$*" >"$folder/requirements"
}
