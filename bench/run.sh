#!/usr/bin/env bash
# All benchmarks: builds them, then in-process figures, then Annals beside pyoxigraph over the data
# sets in ../shared/data (DATA= names another folder), where they are. Needs: pip install pyoxigraph.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${DATA:-../shared/data}

cmake --preset release -DANNALS_BENCH=ON -DANNALS_TESTS=OFF
cmake --build --preset release
build/release/bench/annals_bench
for name in icews14 icews18; do
  if [[ -f $data/$name.tsv.gz ]]; then
    python3 bench/peers.py build/release "$data/$name.tsv.gz"
  else
    echo "SKIPPED: $data/$name.tsv.gz is not there" >&2
  fi
done
