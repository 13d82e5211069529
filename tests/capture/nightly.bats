#!/usr/bin/env bats
# scripts/nightly from the capture to the report, on real node processes.

bats_require_minimum_version 1.5.0
load common

@test "a leaking program: status 1, every result is there, no core is" {
    start leak.js
    run --separate-stderr "$NIGHTLY" --pid "$pid" -n 3 -i 2s -d "$OUT/nights"
    [ "$status" -eq 1 ] || { echo "$status $stderr"; return 1; }
    [[ "$output" == *"growth: "*Session* ]]
    night=$OUT/nights/latest
    [ "$(ls "$night" | grep -c 'hsnap.zst$')" -eq 3 ]
    [ "$(jq -r 'select(.rank==1) | .constructor' "$night/result.ndjson")" = Session ]
    xmllint --noout --schema "$ROOT/tests/cli/formats/junit.xsd" "$night/junit.xml" 2>/dev/null
    [ "$(xmllint --xpath 'count(//failure) > 0' "$night/junit.xml")" = true ]
    "$ROOT/tests/cli/formats/markdown" < "$night/result.md" | grep -q Session
    grep -q '^growth: ' "$night/result.txt"
    # The core is named, but not the folder where it was for a moment.
    [ "$(jq -r 'select(.kind=="header") | .snapshots[0].source' "$night/result.ndjson")" = "core.$pid.1" ]
    [ -z "$(find "$OUT/nights" -name 'core*' -o -name '.cores*')" ]
    [ "$(stat -c %a "$OUT/nights/latest/")" = 700 ]
    if "$HEAPDIFF" --help | grep -q -- --store; then
        [ "$("$HEAPDIFF" --store "$OUT/nights/history.sqlite" --list-nights --format=ndjson | grep -c "core.$pid.3")" -eq 1 ]
    fi
    [ ! -x "${HEAPSCAN%/*}/heapreport" ] || grep -qi '</html>' "$night/report.html"
    runs
}

@test "a healthy program: status 0; nights beyond --keep go, and nothing else" {
    start idle.js 1
    mkdir -p "$OUT/nights"/{2020-01-01T000000Z,2020-01-02T000000Z,2020-01-03-mine}
    touch "$OUT/nights/2020-01-01T000000Z/x"
    run --separate-stderr "$NIGHTLY" --pid "$pid" -n 2 -i 1s -d "$OUT/nights" --keep 2
    [ "$status" -eq 0 ] || { echo "$status $output $stderr"; return 1; }
    [ ! -e "$OUT/nights/2020-01-01T000000Z" ] && [ -e "$OUT/nights/2020-01-02T000000Z" ] && [ -e "$OUT/nights/2020-01-03-mine" ]
    [ "$(xmllint --xpath 'count(//failure)' "$OUT/nights/latest/junit.xml")" = 0 ]
}

@test "a file of settings; options win over it, and it over the environment" {
    start leak.js
    echo "$pid" > "$OUT/app.pid"
    cat > "$OUT/settings" <<END
# for the timer
HEAPSCAN_PIDFILE=$OUT/app.pid
HEAPSCAN_COUNT=5
HEAPSCAN_INTERVAL="1s"
HEAPSCAN_DIR='$OUT/nights'
HEAPSCAN_DIFF=--min-bytes 1g
END
    HEAPSCAN_INTERVAL=1h HEAPSCAN_PID=1 run --separate-stderr "$NIGHTLY" -q -c "$OUT/settings" -n 2
    [ "$status" -eq 0 ] || { echo "$status $stderr"; return 1; }
    [ -z "$output" ] && [ "$(ls "$OUT/nights/latest/" | grep -c hsnap)" -eq 2 ]
    [ "$(jq -r 'select(.kind=="header") | .min_bytes' "$OUT/nights/latest/result.ndjson")" = $((1 << 30)) ]
    echo 'HEAPSCAN_NONSENSE=1' > "$OUT/settings"
    run "$NIGHTLY" -c "$OUT/settings"
    [ "$status" -eq 64 ] && [[ "$output" == *"settings: line 1"* ]]
    # It is read, not run.
    echo "HEAPSCAN_PID=\$(touch $OUT/run)" > "$OUT/settings"
    run "$NIGHTLY" -c "$OUT/settings" -d "$OUT/nights"
    [ "$status" -ne 0 ] && [ ! -e "$OUT/run" ]
}

@test "interrupted in the middle: no core, no empty night, the process goes on" {
    start leak.js
    "$NIGHTLY" --pid "$pid" -n 3 -i 60s -d "$OUT/nights" >"$OUT/said" 2>&1 &
    script=$!
    for ((i = 0; i < 300; i++)); do [ -n "$(find "$OUT/nights" -name '*.hsnap.zst' 2>/dev/null)" ] && break; sleep 0.1; done
    run "$NIGHTLY" --pid "$pid" -n 2 -i 1s -d "$OUT/nights"
    [ "$status" -eq 2 ] && [[ "$output" == *"another run is under way"* ]]
    kill -TERM $script
    status=0; wait $script || status=$?
    [ $status -eq 143 ] || { echo "status $status: $(cat "$OUT/said")"; return 1; }
    [ -z "$(find "$OUT/nights" -name 'core.*' -o -name '.cores*')" ]
    # The lock is free again.
    flock -n "$OUT/nights/lock" true
    runs
}

@test "trouble: the process ends after one core, or was never there, or is two" {
    start leak.js
    "$NIGHTLY" --pid "$pid" -n 3 -i 60s -d "$OUT/nights" >"$OUT/said" 2>&1 &
    script=$!
    for ((i = 0; i < 300; i++)); do [ -n "$(find "$OUT/nights" -name '*.hsnap.zst' 2>/dev/null)" ] && break; sleep 0.1; done
    stop
    status=0; wait $script || status=$?
    [ $status -eq 2 ] && grep -q 'has ended, after 1 of 3' "$OUT/said" && grep -q 'one snapshot shows no growth' "$OUT/said"
    # The report of tests says so as well.
    [ "$(xmllint --xpath 'count(//error)' "$OUT/nights/latest/junit.xml")" = 1 ]
    run "$NIGHTLY" --pid 4194305 -n 2 -i 1s -d "$OUT/nights"
    [ "$status" -eq 2 ] && [[ "$output" == *"there is no process 4194305"* ]]
    start leak.js a-word-of-our-own
    run "$NIGHTLY" --pgrep 'no such word anywhere' -n 2 -d "$OUT/nights"
    [ "$status" -eq 2 ] && [[ "$output" == *"finds 0 node processes"* ]]
    start leak.js a-word-of-our-own
    run "$NIGHTLY" --pgrep 'a-word-of-our-own' -n 2 -d "$OUT/nights"
    [ "$status" -eq 2 ] && [[ "$output" == *"finds 2 node processes"* ]]
    for arguments in '' '--pid' '--pid 1 -n 1' '--pid 1 --keep 0' '--nonsense' 'file'; do
        run bash -c "'$NIGHTLY' -d '$OUT/nights' $arguments"
        [ "$status" -eq 64 ] || { echo "$arguments: $status $output"; return 1; }
    done
}

@test "in a GitHub workflow there are annotations and a summary" {
    start leak.js
    GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$OUT/summary run --separate-stderr "$NIGHTLY" -q --pgrep "$APPS/leak.js" -n 3 -i 2s -d "$OUT/nights"
    [ "$status" -eq 1 ] || { echo "$status $stderr"; return 1; }
    [ "$(grep -c '^::error title=Heap growing' <<<"$output")" -ge 1 ]
    "$ROOT/tests/cli/formats/markdown" < "$OUT/summary" | grep -q Session
}

@test "the samples for systemd and GitHub are well-formed" {
    if command -v systemd-analyze >/dev/null; then
        mkdir "$OUT/units"
        cp "$ROOT"/samples/nightly/heapscan-nightly@.{service,timer} "$OUT/units"
        # The programs are not installed here.
        sed -i "s|/usr/local/bin/heapscan-nightly|$NIGHTLY|" "$OUT/units/heapscan-nightly@.service"
        run systemd-analyze verify --man=no "$OUT/units/heapscan-nightly@shop.service" "$OUT/units/heapscan-nightly@shop.timer"
        [ "$status" -eq 0 ] && [ -z "$output" ] || { echo "$output"; return 1; }
    fi
    python3 - "$ROOT/samples/nightly/heap.yml" <<'END'
import sys, yaml
flow = yaml.safe_load(open(sys.argv[1]))
assert flow['name'] and set(flow[True]) == {'schedule', 'workflow_dispatch'}, flow.keys()
for job in flow['jobs'].values():
    assert job['runs-on'] and job['timeout-minutes']
    for step in job['steps']:
        assert ('uses' in step) != ('run' in step), step
END
}
