#!/usr/bin/env bats
# What a nightly job needs of heapdiff: the history, the baseline, what makes an alarm. nights.hsnap (snapshots/make) holds
# eight nights of six lines each; numbers here are worked out by hand from that file.

bats_require_minimum_version 1.5.0

setup() {
    HEAPDIFF=${HEAPDIFF:-$BATS_TEST_DIRNAME/../../bin/heapdiff}
    cd "$BATS_TEST_DIRNAME/snapshots"
    unset COLUMNS NO_COLOR LANG LC_CTYPE
    export LC_ALL=C.UTF-8 TERM=xterm
    H=$BATS_TEST_TMPDIR/history.sqlite
}

piped() { run --separate-stderr bash -c "$1"; }
night() { sed -n "$((6 * $1 - 5)),$((6 * $1))p" nights.hsnap; } # NUMBER
add() { for k in "$@"; do night "$k" | "$HEAPDIFF" -q --store "$H"; done; }
changes() { jq -r 'select(.kind=="change") | [.rank, .constructor, .verdict, .new, .count_delta, .bytes_delta, .since] | @tsv' | tr '\t' ' '; }
result() { jq -r 'select(.kind=="history_verdict") | .result'; }

@test "nights come one by one; the one that jumps is found" {
    add 1 2 3 4 5 6
    piped "'$HEAPDIFF' --store '$H' --last 30 --format=ndjson </dev/null"
    [ "$status" -eq 0 ]
    [ "$(result <<<"$output")" = steady ]
    night 7 > "$BATS_TEST_TMPDIR/7"
    piped "'$HEAPDIFF' --store '$H' --last 30 --format=ndjson <'$BATS_TEST_TMPDIR/7'"
    [ "$status" -eq 1 ]    # the hostile class has 5000 objects instead of 10
    [ "$(jq -r 'select(.kind=="change") | .verdict' <<<"$output")" = jumped ]
    night 8 > "$BATS_TEST_TMPDIR/8"
    piped "'$HEAPDIFF' --store '$H' --last 30 --format=ndjson '$BATS_TEST_TMPDIR/8'"
    [ "$status" -eq 1 ]
    [[ "$stderr" == "heapdiff: $H: 1 snapshot added" ]]
    # Session: 5000 against the median of seven nights, 1000; 56 bytes each. The other one stepped a night ago.
    changes <<<"$output" | grep -qx '1 Session jumped true 4000 224000 2024-11-23T01:00:00Z'
    changes <<<"$output" | grep -q 'stepped true 4990 199600 2024-11-22T01:00:00Z'
    [ "$(changes <<<"$output" | wc -l)" -eq 2 ]
    [ "$(jq -c 'select(.constructor=="Session") | .counts' <<<"$output")" = '[1000,1003,998,1001,999,1000,1002,5000]' ]
    [ "$(jq -c 'select(.kind=="header" or .kind=="history") | [.kind, .schema, (.nights | length)]' <<<"$output" | tr '\n' ' ')" = \
      '["header","heapdiff.result/1",0] ["history",null,8] ' ]
    # the window: of the last five nights there are no seven
    piped "'$HEAPDIFF' --store '$H' --last 5 --format=ndjson </dev/null"
    [ "$(jq -c 'select(.constructor=="Session") | .counts' <<<"$output")" = '[1001,999,1000,1002,5000]' ]
}

@test "one stream of eight nights is the same; adding it again adds nothing" {
    piped "'$HEAPDIFF' --store '$H' --last 30 --format=ndjson nights.hsnap"
    [ "$(jq -c 'select(.kind=="history") | .nights | length' <<<"$output")" = 8 ]
    local first size
    first=$(grep -n '"kind":"history"' <<<"$output")
    size=$(stat -c %s "$H")
    piped "'$HEAPDIFF' --store '$H' --last 30 --format=ndjson nights.hsnap"
    [[ "$stderr" == *"0 snapshots added, 8 had been there"* ]]
    [ "$(grep -n '"kind":"history"' <<<"$output")" = "$first" ]
    [ "$(stat -c %s "$H")" = "$size" ]
    [ "$(stat -c %a "$H")" = 600 ]
    # the ranking of the eight captures came before it
    [ "$(jq -r '.kind' <<<"$output" | sed -n '1p;/^verdict$/p;/^history$/p' | tr '\n' ' ')" = 'header verdict history ' ]
}

@test "table, series, list and retention" {
    add 1 2 3 4 5 6 7
    night 8 | "$HEAPDIFF" -q --store "$H" --series other
    piped "'$HEAPDIFF' --store '$H' --list-nights"
    [ "$status" -eq 0 ]
    [ "$(wc -l <<<"$output")" -eq 9 ]
    grep -qE '^ +7  2024-11-22 01:00 +1 +0  22.12.0 +default: core.7$' <<<"$output"
    grep -qE '^ +8  2024-11-23 01:00 +1 +0  22.12.0 +other: core.8$' <<<"$output"
    piped "'$HEAPDIFF' --store '$H' --list-nights --format=ndjson"
    [ "$(jq -c 'select(.series=="other") | [.kind, .at, .captures, .complete]' <<<"$output")" = '["night","2024-11-23T01:00:00Z",1,true]' ]
    piped "'$HEAPDIFF' --store '$H' --last 30 </dev/null"
    [ "$status" -eq 1 ]
    [[ "$output" == *"7 nights of default: 2024-11-16 01:00 … 2024-11-22 01:00"* ]]
    [[ "$output" == *"   1  jumped   2024-11-22 01:00    5,000  +4,990  +195 KiB  ▁▁▁▁▁▁█"* ]]
    [[ "$output" == *'\u{1b}[2J\nEvil\u{202e}'"');-- : '"* ]]   # the NUL is a space
    ! grep -q $'\e' <<<"$output"
    piped "'$HEAPDIFF' --store '$H' --series other --last 30 </dev/null"
    [ "$status" -eq 0 ]
    [[ "$output" == *"insufficient over the nights: 1 night: 5 are needed"* ]]
    piped "'$HEAPDIFF' --store '$H' --keep 3 </dev/null"
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"4 nights dropped, 3 kept"* ]]
    [ "$("$HEAPDIFF" --store "$H" --list-nights | grep -c default)" -eq 3 ]
}

@test "an empty pipe is a scan that failed, not a night without news" {
    add 1 2 3 4 5 6
    piped ": | '$HEAPDIFF' --store '$H' --last 30"
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"standard input holds no snapshot: it is empty (did the scan fail?)"* ]]
}

@test "a store that fails loses no result: the ranking, the failure, status 2" {
    piped "'$HEAPDIFF' leak.hsnap"
    local want=$output
    fails() { # FILE MESSAGE
        piped "'$HEAPDIFF' --store '$1' --last 30 leak.hsnap"
        [ "$status" -eq 2 ] && [ "$output" = "$want" ] && [[ "$stderr" == *"$2"* ]] || { echo "$status: $stderr"; return 1; }
    }
    fails /nowhere/history 'cannot make the history /nowhere/history: No such file'
    fails "$BATS_TEST_TMPDIR" 'not a regular file'
    fails leak.1.hsnap 'the file is not a database'
    printf 'SQLite format 3\0 and then nothing that makes sense, for more than a hundred bytes %0200d' 0 > "$H"
    fails "$H" "$H"
    fails postgresql://db/heap 'not supported yet'
    # no space: a limit on the size of files, as a full disk would
    rm "$H"; add 1
    piped "ulimit -f 16; trap '' XFSZ; '$HEAPDIFF' --store '$H' nights.hsnap --format=ndjson"
    [ "$status" -eq 2 ]
    [ "$(jq -r .kind <<<"$output" | tail -n 1)" = verdict ]
    [[ "$stderr" == *"$H"* ]]
    add 2 3    # and it goes on
    [ "$("$HEAPDIFF" --store "$H" --list-nights | wc -l)" -eq 4 ]
}

@test "whoever reads the ranking may go early" {
    piped "'$HEAPDIFF' -q --store '$H' nights.hsnap | head -n 1 >/dev/null"
    [ "$("$HEAPDIFF" --store "$H" --list-nights | wc -l)" -eq 9 ]
}

@test "a history of a later version is refused" {
    add 1
    python3 -c "import sqlite3; sqlite3.connect('$H').execute('PRAGMA user_version = 7')"
    piped "'$HEAPDIFF' --store '$H' --last 3 </dev/null"
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"has version 7, but this program knows versions up to 2"* ]]
}

@test "--baseline: what is known makes no alarm unless it grows faster" {
    local B=$BATS_TEST_TMPDIR/known.ndjson
    piped "'$HEAPDIFF' --write-baseline '$B' leak.hsnap"
    [ "$status" -eq 0 ]
    piped "'$HEAPDIFF' --baseline '$B' leak.hsnap"
    [ "$status" -eq 0 ]
    [[ "$output" == *"   1  known "* ]]
    [[ "$output" == *"baseline: 7 of 7 findings are still there"* ]]
    [[ "$output" == *"steady: nothing new is growing: 5 findings are known from the baseline."* ]]
    # Session grew at a third of the speed then, and Gone has been mended since
    jq -c 'if .constructor == "Session" then .held_delta = 186666 elif .constructor == "Job" then .fingerprint = "00000000000000000000000000000001"
           | .constructor = "Gone" else . end' "$B" > "$B.slow"
    piped "'$HEAPDIFF' --baseline '$B.slow' leak.hsnap"
    [ "$status" -eq 1 ]
    [[ "$output" == *"   1  faster "*"Session"* ]]
    [[ "$output" == *"baseline: 6 of 7 findings are still there; gone: Gone"* ]]
    [[ "$output" == *"growth: Session grew"* ]]
    piped "'$HEAPDIFF' --baseline '$B.slow' --format=ndjson leak.hsnap"
    [ "$(jq -c 'select(.kind=="growth") | [.constructor, .alarm, .known, .faster]' <<<"$output" | sed -n '1,3p' | tr '\n' ' ')" = \
      '["Session",true,true,true] ["Job",false,false,false] ["Object",false,true,false] ' ]
    [ "$(jq -c 'select(.kind=="known" and .found==false) | .constructor' <<<"$output")" = '"Gone"' ]
    # JUnit fails the same one only
    piped "'$HEAPDIFF' --baseline '$B.slow' --format=junit leak.hsnap"
    [ "$(grep -c '<failure' <<<"$output")" -eq 1 ]
    piped "'$HEAPDIFF' --baseline leak.hsnap leak.hsnap"
    [ "$status" -eq 2 ] && [ -z "$output" ]
    [[ "$stderr" == *"leak.hsnap: line 1: this is a snapshot, but a baseline is a result"* ]]
}

@test "--baseline holds for nights: what is known is told and makes no alarm" {
    local B=$BATS_TEST_TMPDIR/known.ndjson
    known() { jq -c 'select(.kind=="change") | [.constructor == "Session", .new, .known, .faster]' <<<"$output" | tr '\n' ' '; }
    add 1 2 3 4 5 6 7
    piped "'$HEAPDIFF' --store '$H' --last 30 --format=ndjson </dev/null"
    [ "$status" -eq 1 ]
    [ "$(known)" = '[false,true,false,false] ' ]
    echo "$output" > "$B"    # an earlier result is a baseline: it rose by 199600 bytes
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B' --format=ndjson </dev/null"
    [ "$status" -eq 0 ]
    [ "$(result <<<"$output")" = steady ]
    [ "$(known)" = '[false,false,true,false] ' ]
    [ "$(jq -r 'select(.kind=="history_verdict") | .reason' <<<"$output")" = 'nothing new; 1 change is known from the baseline' ]
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B' </dev/null"
    [[ "$output" == *"   1  known "* ]]
    # half of it is the limit
    jq -c '.bytes_delta |= if . then 99800 else . end' "$B" > "$B.half"
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B.half' </dev/null"
    [ "$status" -eq 0 ]
    jq -c '.bytes_delta |= if . then 99799 else . end' "$B" > "$B.less"
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B.less' --format=ndjson </dev/null"
    [ "$status" -eq 1 ]
    [ "$(known)" = '[false,true,true,true] ' ]
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B.less' </dev/null"
    [[ "$output" == *"   1  faster "* ]]
    # a night later Session is new, and stands first; the one that is known is told behind it
    add 8
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B' --format=ndjson </dev/null"
    [ "$status" -eq 1 ]
    [ "$(known)" = '[true,true,false,false] [false,false,true,false] ' ]
    [[ "$(jq -r 'select(.kind=="history_verdict") | .reason' <<<"$output")" == "Session jumped tonight "*"; 1 change is known from the baseline" ]]
    # findings of a ranking, and their parts, are known by their classes
    { night 6; night 8; } > "$BATS_TEST_TMPDIR/two"
    piped "'$HEAPDIFF' --write-baseline '$B' '$BATS_TEST_TMPDIR/two'"
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B' --format=ndjson </dev/null"
    [ "$status" -eq 0 ]
    [ "$(known)" = '[true,false,true,false] [false,false,true,false] ' ]
    jq -c 'if .kind == "growth" then .parts = [{key, bytes_delta}] | .key = null else . end' "$B" > "$B.parts"
    piped "'$HEAPDIFF' --store '$H' --last 30 --baseline '$B.parts' --format=ndjson </dev/null"
    [ "$(known)" = '[true,false,true,false] [false,false,true,false] ' ]
}

@test "--min-steps and --significance" {
    piped "'$HEAPDIFF' --min-steps 2 leak.hsnap"; [ "$status" -eq 1 ]
    piped "'$HEAPDIFF' --min-steps 3 leak.hsnap"; [ "$status" -eq 0 ]
    [[ "$output" == *"insufficient: Session grew in 2 steps, but 3 are asked for (--min-steps)."* ]]
    piped "'$HEAPDIFF' --significance 0.2 leak.hsnap"; [ "$status" -eq 1 ]
    piped "'$HEAPDIFF' --significance 0.1 leak.hsnap"; [ "$status" -eq 0 ]    # three captures: 1/6
    [[ "$output" == *"insufficient: "*"(--significance)"* ]]
}

@test "usage: exit 64" {
    for arguments in '--last 30' '--keep 3' --list-nights "--store $H --last 0" "--store $H --last x" "--store $H --list-nights leak.hsnap" \
                     --significance=0 --significance=2 --min-steps=x "--store $H --last 3 --false-alarms=7"; do
        piped "'$HEAPDIFF' $arguments </dev/null"
        [ "$status" -eq 64 ] && [ -z "$output" ] || { echo "$arguments: $status"; return 1; }
    done
    [ ! -e "$H" ]
}
