# Shared by the tests of this folder: programs, a node to run under them, questions about its process.

setup_file() {
    NODE=$("$BATS_TEST_DIRNAME/../../scripts/fetch-node" 22)
    export NODE
}
setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    HEAPSCAN=${HEAPSCAN:-$ROOT/bin/heapscan} HEAPDIFF=${HEAPDIFF:-$ROOT/bin/heapdiff} HEAPCORE=${HEAPCORE:-${HEAPSCAN%/*}/heapcore}
    export HEAPSCAN HEAPDIFF HEAPCORE HEAPSCAN_INDEX=never
    CAPTURE=$ROOT/scripts/capture NIGHTLY=$ROOT/scripts/nightly APPS=$ROOT/tests/capture
    OUT=$BATS_TEST_TMPDIR
    pid='' pids=()
    unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY
    export LC_ALL=C.UTF-8
}
teardown() {
    local p
    for p in "${pids[@]}"; do kill -KILL "$p" 2>/dev/null || true; done
    [ ! -s "$BATS_TEST_TMPDIR/mounted" ] || umount "$(cat "$BATS_TEST_TMPDIR/mounted")"
}

# start PROGRAM ARGUMENT…: runs it under node; its id is $pid. Answers come to $OUT/answers.
start() {
    local program=$1 n=${#pids[@]}
    shift
    mkfifo "$OUT/in$n"
    : > "$OUT/answers"
    "$NODE" "$APPS/$program" "$@" <"$OUT/in$n" >"$OUT/answers" 2>"$OUT/stderr" 3>&- &
    pid=$!
    pids+=("$pid")
    exec {input}>"$OUT/in$n"
    for ((i = 0; i < 200; i++)); do grep -q ready "$OUT/answers" && return; sleep 0.05; done
    cat "$OUT/stderr"
    return 1
}
stop() { kill -KILL "$pid"; wait "$pid" 2>/dev/null || true; }
state() { sed -nE 's/^State:\s+(.).*/\1/p' "/proc/$pid/status"; }
tracer() { sed -nE 's/^TracerPid:\s+//p' "/proc/$pid/status" 2>/dev/null; }
resident_kb() { sed -nE 's/^VmRSS:\s+([0-9]+) kB/\1/p' "/proc/$pid/status"; }
disk_kb() { du -k "$1" | cut -f1; }
wait_until_held() {
    for ((i = 0; i < 2000; i++)); do [[ "$(state)" == [tT] ]] && return; done
    echo "never held"
    return 1
}
# Nobody traces it, it is not stopped, and it does its work.
runs() {
    local before
    [ "$(tracer)" = 0 ] || { echo "traced by $(tracer)"; return 1; }
    [[ "$(state)" == [SR] ]] || { echo "state $(state)"; return 1; }
    before=$(grep -c answer "$OUT/answers" || true)
    echo >&$input
    if tr '\0' ' ' < "/proc/$pid/cmdline" | grep -q idle.js; then
        for ((i = 0; i < 100; i++)); do [ "$(grep -c answer "$OUT/answers")" -gt "$before" ] && return; sleep 0.05; done
        echo "no answer"
        return 1
    fi
}
