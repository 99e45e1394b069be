#!/usr/bin/env bash
# All benchmarks: builds them, then in-process figures, then Annals beside pyoxigraph, kuzu and DuckDB
# over the data sets in ../shared/data (DATA= names another folder), where they are. Needs:
# python3 -m pip install pyoxigraph kuzu duckdb. Arguments go to bench/peers.py.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${DATA:-../shared/data}

cmake --preset release -DANNALS_BENCH=ON
cmake --build --preset release --target annals_shell annals_ask annals_bench
build/release/bench/annals_bench
files=()
for name in icews14 icews18 gdelt; do
  if [[ -f $data/$name.tsv.gz ]]; then
    files+=("$data/$name.tsv.gz")
  else
    echo "SKIPPED: $data/$name.tsv.gz is not there" >&2
  fi
done
if ((${#files[@]} > 0)); then
  python3 bench/peers.py build/release "${files[@]}" "$@"
fi
