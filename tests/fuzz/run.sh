#!/usr/bin/env bash
# Runs each fuzzer on the seeds, the W3C suites if they are there, and what it found before:
# run.sh BUILD_FOLDER [TARGET...]; without targets all that read from memory. It ends after
# FUZZ_SECONDS (60), or after FUZZ_RUNS executions if that is set: then what earlier runs of the same
# fuzzer did counts too (TARGET.executions), so that a long run can be stopped and go on. JOBS (1) run at
# once. Inputs have FUZZ_MAX_LEN bytes (256) at most.
# What fails is kept in BUILD_FOLDER/fuzz, beside what each fuzzer has said.
set -uo pipefail

build=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
targets=("$@")
((${#targets[@]} > 0)) ||
  targets=(csv tsv jsonl annals nt nq ttl trig gzip zstd query block strings terms counters)
declare -A suites=([nt]=rdf-n-triples [nq]=rdf-n-quads [ttl]=rdf-turtle [trig]=rdf-trig)
# Stacks of allocations and much freed memory take half of the time; who runs a failure again has
# them.
export ASAN_OPTIONS=detect_leaks=0:malloc_context_size=0:max_malloc_fill_size=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=64
export UBSAN_OPTIONS=print_stacktrace=1

# What the log of a fuzzer says at its end under this name.
said() { sed -n "s/^stat::$2: *//p" "$1" | tail -n 1; }

run() {
  local fuzzer=$build/tests/fuzz/fuzz_$1
  local target=$1 corpus=$build/fuzz/$1 log=$build/fuzz/$1.log format=${1#load_}
  [[ $target == explain ]] && format=query
  local folders=("$corpus" "$here/seeds/$format") failed=0
  local suite=$here/../../../shared/w3c/${suites[$format]:-none}
  [[ -d $suite ]] && folders+=("$suite")
  mkdir -p "$corpus"
  local done=0 until=-max_total_time=${FUZZ_SECONDS:-60}
  [[ $corpus.executions -nt $fuzzer ]] && done=$(<"$corpus.executions")
  if [[ -n ${FUZZ_RUNS:-} ]]; then
    until=-runs=$((FUZZ_RUNS - done))
    ((FUZZ_RUNS <= done)) && echo "$target: $done executions, done before" && return 0
  fi
  # The entropic schedule weighs the whole corpus anew for each input.
  "$fuzzer" "$until" -entropic=0 -max_len="${FUZZ_MAX_LEN:-256}" -reload=0 \
    -detect_leaks=0 -timeout=20 -rss_limit_mb=4096 -artifact_prefix="$corpus-" \
    -print_final_stats=1 -print_funcs=0 -verbosity=0 \
    "${folders[@]}" >"$log" 2>&1 &
  # Interrupted, it still says how many executions it did, and they are kept.
  local pid=$! interrupted=0
  trap 'interrupted=1; kill -TERM "$pid" 2>/dev/null' INT TERM
  local code=0
  while true; do
    wait "$pid" && code=0 || code=$?
    kill -0 "$pid" 2>/dev/null || break
  done
  ((code == 0)) || failed=1
  local now
  now=$(said "$log" number_of_executed_units)
  ((failed == 0 || interrupted == 1)) && echo $((done + ${now:-0})) >"$corpus.executions"
  printf '%-12s %12s executions, %8s a second; %s in all\n' "$target" "${now:-0}" \
    "$(said "$log" average_exec_per_sec)" "$((done + ${now:-0}))"
  ((failed == 0)) && return 0
  ((interrupted == 1)) && return 1
  tail -n 40 "$log" >&2
  echo "Failed: $target; what did it lies beside $build/fuzz/" >&2
  return 1
}

mkdir -p "$build/fuzz"
failed=0 stopped=0
trap 'failed=1 stopped=1; for job in $(jobs -rp); do kill -TERM "$job"; done' INT TERM
for target in "${targets[@]}"; do
  ((stopped == 0)) || break
  while (($(jobs -rp | wc -l) >= ${JOBS:-1})); do wait -n || failed=1; done
  run "$target" &
done
while (($(jobs -p | wc -l) > 0)); do wait -n || failed=1; done
exit "$failed"
