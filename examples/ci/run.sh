#!/usr/bin/env bash
# Four checkpoints and their gates, without a GPU: ./run.sh [FOLDER]. See README.md beside this file.
#
# Exits with 0 where every gate ended as it should.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-ci-example}
python=${PYTHON:-python}
suite=${SUITE:-$here/signs.toml}
policy=${POLICY:-$here/gate.toml}
parts=${PARTS:-123}
mkdir -p "$out/ci"
wrong=0

# run NAME MODEL [OPTION...] makes and reads the pictures of one checkpoint, and keeps the name of its folder.
run() {
  local name=$1 model=$2
  shift 2
  echo "run   $name: $model"
  "$python" -m bench run --suite "$suite" --model "$model" --out "$out/runs" --json "$@" \
    >"$out/ci/$name.json" 2>"$out/ci/$name.log" || { cat "$out/ci/$name.log" >&2; exit 1; }
  folder=$("$python" -c 'import json, sys; print(json.load(sys.stdin)[0]["folder"])' <"$out/ci/$name.json")
}

# gate NAME BASE CANDIDATE WANTED judges, and holds that the gate ends with the exit code WANTED.
gate() {
  local name=$1 base=$2 candidate=$3 wanted=$4 code=0
  echo
  echo "gate  $name"
  "$python" -m bench gate "$base" "$candidate" --policy "$policy" \
    --junit "$out/ci/$name.xml" --summary-file "$out/ci/$name.md" --annotations >"$out/ci/$name.txt" 2>&1 || code=$?
  grep -E '^(PASS|REGRESSED|INCONCLUSIVE|NO VERDICT|because|why|error)' "$out/ci/$name.txt" || true
  echo "exit code $code"
  if [ "$code" -ne "$wanted" ]; then
    echo "should have been $wanted" >&2
    wrong=1
  fi
}

echo "1. Typeset pictures with known errors stand for checkpoints of which we know how well they write."
run base 'typeset?errors=0.04'
base=$folder
run improved 'typeset?errors=0'
improved=$folder
run unchanged 'typeset?errors=0.04&draw=1'
unchanged=$folder
run worse 'typeset?errors=0.2'
worse=$folder
run cut-short 'typeset?errors=0.04' --limit 8
cut_short=$folder
gate improved "$base" "$improved" 0
gate unchanged "$base" "$unchanged" 0
gate worse "$base" "$worse" 1
gate cut-short "$base" "$cut_short" 3

echo
echo "2. The base is blessed: a small file for your repository, which gates without its pictures."
baseline=$out/signs.baseline.json
rm -f "$baseline"
"$python" -m bench bless "$base" --reason "first checkpoint that we showed to people" --policy "$policy" --out "$baseline"
gate worse-than-baseline "$baseline" "$worse" 1

echo
echo "3. A training run is watched: each checkpoint of a tiny model with random weights is evaluated once."
if [[ $parts != *3* ]]; then
  echo "left out: PARTS=$parts"
elif "$python" -c 'import diffusers, torch' 2>/dev/null; then
  rm -rf "$out/training"
  "$python" "$here/tiny_training.py" "$out/training" 2>"$out/ci/training.log" || { cat "$out/ci/training.log" >&2; exit 1; }
  "$python" -m bench watch "$out/training/checkpoints" --once --settle 0 --suite "$suite" --seeds 1, --policy "$policy" \
    --model "diffusers:$out/training/pipeline?steps=1&size_rule=none&transformer={checkpoint}" --out "$out/runs" --history "$out/watch" \
    || wrong=1
  echo "curve $out/watch/curve-signs.png"
else
  echo 'left out: it needs pip install "glyphbench[cogview]"'
fi

echo
if [ "$wrong" -eq 0 ]; then echo "all gates ended as they should"; else echo "something ended otherwise"; fi
exit "$wrong"
