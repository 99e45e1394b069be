#!/usr/bin/env bash
# Runs each fuzzer for FUZZ_SECONDS (60) on the seeds, the W3C suites if they are there, and what it
# found before: run.sh BUILD_FOLDER [TARGET...]. What fails is kept in BUILD_FOLDER/fuzz.
set -uo pipefail

build=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
targets=("$@")
((${#targets[@]} > 0)) || targets=(csv tsv jsonl annals nt nq ttl trig query block strings terms)
failed=()
declare -A suites=([nt]=rdf-n-triples [nq]=rdf-n-quads [ttl]=rdf-turtle [trig]=rdf-trig)
for target in "${targets[@]}"; do
  corpus=$build/fuzz/$target
  mkdir -p "$corpus"
  more=()
  [[ -d $here/../../../shared/w3c/${suites[$target]:-none} ]] &&
    more+=("$here/../../../shared/w3c/${suites[$target]}")
  echo "== $target"
  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
    "$build/tests/fuzz/fuzz_$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=20 \
    -rss_limit_mb=4096 -max_len=4096 -artifact_prefix="$corpus-" -print_final_stats=1 -verbosity=0 \
    "$corpus" "$here/seeds/$target" "${more[@]}" || failed+=("$target")
done
((${#failed[@]} == 0)) && exit 0
echo "Failed: ${failed[*]}; what did it lies beside $build/fuzz/" >&2
exit 1
