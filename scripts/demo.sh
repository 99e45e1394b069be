#!/usr/bin/env bash
# Loads the facts of the articles into a fresh database, build/demo-db, and opens the shell on it.
# With input not from a terminal, asks the questions of the dataset's tour instead and exits.
set -euo pipefail
cd "$(dirname "$0")/.."

annals=build/release/annals
dataset=datasets/dprk-russia-talks
database=build/demo-db

rm -rf "$database"
"$annals" "$database" -c "load \"$dataset/dprk-russia-talks.annals\";"

if [[ -t 0 ]]; then
  echo
  echo "The facts of five articles are in $database. Ask, for instance:"
  echo "  (?who, met, Kim Jong-un, ?when);"
  echo "  show predicates;"
  echo ".help tells more, .quit leaves. $dataset/tour.annals holds more questions."
  exec "$annals" "$database"
fi

# The tour is a script whose questions stand apart by blank lines: each is shown, then answered.
block=""
answer() {
  if [[ -n $block ]]; then
    printf '\n%s\n\n' "$block"
    # A block of comments alone is a heading.
    if grep -qvE '^[[:space:]]*(--.*)?$' <<<"$block"; then
      "$annals" "$database" --read-only <<<"$block"
    fi
  fi
  block=""
}
while IFS= read -r line || [[ -n $line ]]; do
  if [[ $line =~ ^[[:space:]]*$ ]]; then
    answer
  else
    block+="${block:+$'\n'}$line"
  fi
done <"$dataset/tour.annals"
answer
