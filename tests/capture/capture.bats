#!/usr/bin/env bats
# heapcore and scripts/capture on real node processes: what they write, what they leave behind, and that the process goes on.

bats_require_minimum_version 1.5.0
load common

@test "a series of a leaking program: whole, private, small, and the leak is rank 1" {
    start leak.js
    run --separate-stderr "$CAPTURE" -n 3 -i 2s -d "$OUT/cores" "$pid"
    [ "$status" -eq 0 ]
    [ "$output" = "$OUT/cores/core.$pid.1
$OUT/cores/core.$pid.2
$OUT/cores/core.$pid.3" ]
    [ "$(grep -cE 'on disk .* threads held for [0-9]+\.[0-9]+ s$' <<<"$stderr")" -eq 3 ]
    for core in "$OUT"/cores/*; do
        [ "$(stat -c %a "$core")" = 600 ]
        # No more disk than memory, and a little for headers.
        [ "$(disk_kb "$core")" -le $(($(resident_kb) + 1024)) ]
        "$HEAPSCAN" -q -o "$core.hsnap" "$core"
    done
    run --separate-stderr "$HEAPDIFF" --format=ndjson "$OUT"/cores/*.hsnap
    [ "$status" -eq 1 ]
    [ "$(jq -r 'select(.rank==1) | .constructor' <<<"$output")" = Session ]
    runs
}

@test "memory, threads and files are those of gdb's core of the same process" {
    start idle.js 5
    sleep 0.5
    "$HEAPCORE" -q -o "$OUT/ours" "$pid"
    gcore -o "$OUT/gdb" "$pid" >/dev/null 2>&1
    for core in "$OUT/ours" "$OUT/gdb.$pid"; do
        "$HEAPSCAN" -q --format=ndjson "$core" | jq -c 'select(.kind=="class" and .isolate==0) | [.key, .count, .bytes, .reachable_count, .retained_bytes]' | sort > "$core.classes"
        "$HEAPSCAN" -q --format=ndjson "$core" | jq -c 'select(.kind=="space")' > "$core.spaces"
    done
    [ "$(wc -l < "$OUT/ours.classes")" -gt 300 ]
    diff "$OUT/ours.classes" "$OUT/gdb.$pid.classes"
    diff "$OUT/ours.spaces" "$OUT/gdb.$pid.spaces"
    [ "$(readelf -n "$OUT/ours" | grep -c NT_PRSTATUS)" -eq "$(ls "/proc/$pid/task" | wc -l)" ]
    diff <(readelf -n "$OUT/ours" | grep -A1000 NT_FILE | grep '^ *0x' | awk '{print $1, $2}' | sort) \
         <(readelf -n "$OUT/gdb.$pid" | grep -A1000 NT_FILE | grep '^ *0x' | awk '{print $1, $2}' | sort)
    # gdb reads it, and finds the same stack.
    gdb -batch -nx -ex bt "$(readlink "/proc/$pid/exe")" "$OUT/ours" 2>/dev/null | grep -q epoll
}

@test "reserved memory takes no disk: three WebAssembly memories of 10 GB each" {
    start idle.js 5 3
    run --separate-stderr "$HEAPCORE" -o "$OUT/core" "$pid"
    [ "$status" -eq 0 ]
    [ "$(disk_kb "$OUT/core")" -le $(($(resident_kb) + 1024)) ]
    # Whoever copies it without holes is not surprised either.
    [ "$(stat -c %s "$OUT/core")" -lt $((1 << 30)) ]
    run "$HEAPSCAN" -q --format=table "$OUT/core"
    [ "$status" -eq 0 ]
}

@test "a core under way leaves nothing when it is stopped by TERM, INT or KILL, and the process goes on" {
    start idle.js 600
    for signal in TERM INT KILL; do
        "$HEAPCORE" -o "$OUT/core" "$pid" 2>"$OUT/said" &
        writer=$!
        wait_until_held
        kill -$signal $writer
        status=0; wait $writer || status=$?
        [ $status -eq $((128 + $(kill -l $signal))) ] || { echo "$signal: status $status, $(cat "$OUT/said")"; return 1; }
        [ $signal = KILL ] || grep -q 'interrupted; the process goes on, it was held for' "$OUT/said"
        [ -z "$(find "$OUT" -name 'core*')" ]
        runs
    done
}

@test "a series that is interrupted keeps what is whole, and says so" {
    start leak.js
    "$CAPTURE" -n 5 -i 60 -d "$OUT/cores" "$pid" >"$OUT/files" 2>"$OUT/said" &
    script=$!
    for ((i = 0; i < 300; i++)); do [ -s "$OUT/files" ] && break; sleep 0.1; done
    kill -TERM $script
    status=0; wait $script || status=$?
    [ $status -eq 143 ]
    [ "$(ls "$OUT/cores")" = "core.$pid.1" ]
    grep -q 'interrupted after 1 of 5 captures; the process goes on' "$OUT/said"
    runs
}

@test "limits: size and free disk before the process is held, pause while it is" {
    start idle.js 300
    run --separate-stderr "$HEAPCORE" --max-size 100m -o "$OUT/core" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"the core would take "*"and the limit is 100 MiB (--max-size)" ]]
    [[ "$stderr" != *"was held"* ]]
    run --separate-stderr "$HEAPCORE" --min-free 900t -o "$OUT/core" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"not enough room on the disk"*"(--min-free)" ]]
    run --separate-stderr "$HEAPCORE" --max-pause 0.01 -o "$OUT/core" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"(--max-pause); the process goes on, it was held for 0."* ]]
    run --separate-stderr "$CAPTURE" -n 2 -i 1 --max-size 100m -d "$OUT/cores" "$pid"
    [ "$status" -eq 2 ] && [ -z "$output" ] && [[ "$stderr" == *"capture: no core: 0 of 2 captures were taken"* ]]
    [ -z "$(find "$OUT" -name 'core.*')" ]
    runs
}

@test "a disk that fills up in the middle" {
    [ "$(id -u)" -eq 0 ] || skip "mounting needs root"
    mkdir "$OUT/small"
    mount -t tmpfs -o size=20m none "$OUT/small" 2>/dev/null || skip "no right to mount here"
    echo "$OUT/small" > "$OUT/mounted"
    start idle.js 100
    run --separate-stderr "$HEAPCORE" --min-free 0 -o "$OUT/small/core" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"No space left on device; the process goes on"* ]]
    [ -z "$(ls -A "$OUT/small")" ] && [ "$(df --output=used "$OUT/small" | tail -n 1)" -lt 100 ]
    run --separate-stderr "$HEAPCORE" --min-free 1m -o "$OUT/small/core" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"--min-free"* ]] && [[ "$stderr" != *"was held"* ]]
    runs
}

@test "the process ends between two captures, and in the middle of one" {
    start leak.js
    "$CAPTURE" -n 3 -i 30 -d "$OUT/cores" "$pid" >"$OUT/files" 2>"$OUT/said" &
    script=$!
    for ((i = 0; i < 300; i++)); do [ -s "$OUT/files" ] && break; sleep 0.1; done
    stop
    status=0; wait $script || status=$?
    [ $status -eq 2 ]
    grep -q 'has ended, after 1 of 3 captures' "$OUT/said"
    start idle.js 600
    "$HEAPCORE" -o "$OUT/core" "$pid" 2>"$OUT/said" &
    writer=$!
    wait_until_held
    kill -KILL "$pid"
    status=0; wait $writer || status=$?
    [ $status -eq 2 ] || { echo "status $status"; cat "$OUT/said"; return 1; }
    grep -q 'has ended' "$OUT/said"
    [ ! -e "$OUT/core" ] && [ ! -e "$OUT/core.part" ]
}

@test "a process that was stopped stays stopped; a signal that comes meanwhile is delivered" {
    start idle.js 100
    kill -STOP "$pid"
    "$HEAPCORE" -q -o "$OUT/core" "$pid"
    sleep 0.2
    [ "$(state)" = T ]
    kill -CONT "$pid"
    runs
    start idle.js 600
    "$HEAPCORE" -q -o "$OUT/core2" "$pid" &
    writer=$!
    wait_until_held
    kill -TERM "$pid"
    wait $writer
    for ((i = 0; i < 50; i++)); do [ -d "/proc/$pid" ] && [ "$(state)" != Z ] || break; sleep 0.1; done
    [ ! -d "/proc/$pid" ] || [ "$(state)" = Z ]
    # The core is that of a living process all the same.
    "$HEAPSCAN" -q --quick --format=ndjson "$OUT/core2" >/dev/null
}

@test "no such process, no Node, no file to overwrite" {
    run --separate-stderr "$CAPTURE" -d "$OUT" 4194305
    [ "$status" -eq 2 ] && [[ "$stderr" == "capture: there is no process 4194305"* ]]
    run --separate-stderr "$HEAPCORE" -o "$OUT/core" 4194305
    [ "$status" -eq 2 ] && [[ "$stderr" == *"4194305"* ]]
    sleep 60 & sleeper=$!
    run --separate-stderr "$CAPTURE" -d "$OUT" $sleeper
    kill $sleeper
    [ "$status" -eq 2 ] && [[ "$stderr" == *"is not Node: sleep 60"* ]]
    # A shell that waits for node: its child is named.
    start idle.js 1
    echo x > "$OUT/core.$pid.1"
    run --separate-stderr "$CAPTURE" -n 1 -d "$OUT" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"is there already"* ]] && [ "$(cat "$OUT/core.$pid.1")" = x ]
    bash -c "'$NODE' '$APPS/leak.js' >/dev/null; true" & parent=$!
    sleep 0.5
    run --separate-stderr "$CAPTURE" -n 1 -d "$OUT" $parent
    [ "$status" -eq 2 ] && [[ "$stderr" == *"(node runs below it: "* ]]
    pkill -KILL -P $parent; wait $parent || true
}

@test "no permission: the reason and a remedy" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to be another user"
    start idle.js 1
    # Where another user may go.
    public=$(mktemp -d)
    chmod 777 "$public"
    install -m 755 "$HEAPCORE" "$CAPTURE" "$public"
    OLD=$OUT OUT=$public
    run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$OUT/heapcore" -o "$OUT/core" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"belongs to user 0"*"sudo"* ]]
    run --separate-stderr setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace "$OUT/heapcore" -o "$OUT/core" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"--cap-add=SYS_PTRACE"* ]]
    run --separate-stderr env HEAPCORE="$OUT/heapcore" setpriv --reuid 65534 --regid 65534 --clear-groups "$OUT/capture" -n 1 -d "$OUT" "$pid"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"sudo"* ]]
    [ "$(ls "$public" | tr '\n' ' ')" = "capture heapcore " ]
    rm -rf "$public"
    OUT=$OLD
    runs
}

@test "compressed" {
    start leak.js
    run --separate-stderr "$CAPTURE" -z -n 1 -d "$OUT/cores" "$pid"
    [ "$status" -eq 0 ] && [ "$output" = "$OUT/cores/core.$pid.1.zst" ]
    [ "$(ls "$OUT/cores")" = "core.$pid.1.zst" ] && [ "$(stat -c %a "$output")" = 600 ]
    "$HEAPSCAN" -q --format=ndjson "$output" | jq -se 'any(.[]; .constructor=="Session" and .type=="object" and .count >= 2000)'
}

@test "wrong usage" {
    for arguments in '' 'x' '-n 0 1' '-n x 1' '-i 5x 1' '--max-size much 1' '--max-pause soon 1' '--nonsense 1' '1 2' '-n'; do
        run --separate-stderr bash -c "'$CAPTURE' $arguments"
        [ "$status" -eq 64 ] && [ -z "$output" ] || { echo "$arguments: $status $stderr"; return 1; }
    done
    for arguments in '' 'x' '0' '-1' '1 2' '--max-size=much 1' '--max-pause=-1 1' '--nonsense 1'; do
        run --separate-stderr bash -c "'$HEAPCORE' $arguments"
        [ "$status" -eq 64 ] && [ -z "$output" ] || { echo "$arguments: $status $stderr"; return 1; }
    done
    run "$CAPTURE" --help
    [ "$status" -eq 0 ] && [[ "$output" == *"--max-pause SECONDS"* ]]
}
