#!/usr/bin/env bats
# heapdiff on hand-made snapshots (tests/cli/snapshots/make says what grows in each). Numbers here are worked out by hand
# from that file, not copied from the program; *.golden files are its whole output, read line by line before they went in.

setup() {
    HEAPDIFF=${HEAPDIFF:-$BATS_TEST_DIRNAME/../../bin/heapdiff}
    cd "$BATS_TEST_DIRNAME/snapshots"
    unset COLUMNS NO_COLOR LANG LC_CTYPE
    export LC_ALL=C.UTF-8 TERM=xterm
}

# The growth lines as "RANK CONSTRUCTOR VERDICT COUNT_DELTA BYTES_DELTA".
growth() {
    jq -r 'select(.kind=="growth") | [.rank, .constructor, .verdict, .count_delta, .bytes_delta] | @tsv' | tr '\t' ' '
}
# run for pipelines: status and output of the last command.
piped() { run --separate-stderr bash -c "$1"; }
bats_require_minimum_version 1.5.0

@test "three captures: the leaked class is rank 1, growing, with the right numbers" {
    piped "cat leak.hsnap | '$HEAPDIFF' --format=ndjson"
    [ "$status" -eq 1 ]
    [ -z "$stderr" ]
    # Sessions 5000, 10000, 15000 of 56 bytes; literals of 40; arrays of 32; two strings of 90 each; elements 32 each.
    [ "$(growth <<<"$output")" = "1 Session growing 10000 560000
2 Object growing 10000 400000
3 Array growing 10000 320000
4 (string) growing 20000 1800000
5 (object elements) growing 10000 320000
6 Job grew 4000 160000
7 Template grew 1500 72000" ]
}

@test "ndjson: the fields of heapdiff.result/1" {
    piped "'$HEAPDIFF' --format=ndjson leak.hsnap"
    [ "$(jq -c .kind <<<"$output" | uniq | tr '\n' ' ')" = '"header" "growth" "total" "verdict" ' ]
    [ "$(jq -r 'select(.kind=="header") | .schema' <<<"$output")" = heapdiff.result/1 ]
    [ "$(jq -c 'select(.kind=="header") | .snapshots | map(.source, .captured_at, .node, .v8, .complete)' <<<"$output")" = \
      '["core.1","2024-11-22T01:00:00Z","22.12.0","12.4.254.21",true,"core.2","2024-11-22T02:00:00Z","22.12.0","12.4.254.21",true,"core.3","2024-11-22T03:00:00Z","22.12.0","12.4.254.21",true]' ]
    [ "$(jq -c 'select(.rank==1) | [.subject, .properties, .holder, .counts, .bytes, .bytes_per_step, .bytes_per_hour, .steps, .steps_grown, .significance, .leak_share, .exclusive_bytes, .sample, .sample_source, .path, .location.line]' <<<"$output")" = \
      '["class",["id","page","user"],null,[5000,10000,15000],[280000,560000,840000],280000,280000,2,2,0.167,null,null,"0x2a5ce1bb1e03","core.3",null,12]' ]
    # The fingerprint is the hash of netstrings that heapdiff(1) documents.
    local key=$(jq -r 'select(.rank==1) | .key' <<<"$output")
    [ "$(jq -r 'select(.rank==1) | .fingerprint' <<<"$output")" = \
      "$(printf '18:heapdiff.finding/1,5:class,32:%s,0:,' "$key" | xxh128sum | cut -d' ' -f1)" ]
    [ "$(jq -r 'select(.rank==1) | .command' <<<"$output")" = "heapscan --list --like 0x2a5ce1bb1e03 core.3" ]
    [ "$(jq -c 'select(.rank==1) | .key' <<<"$output")" = "$(jq -c 'select(.constructor=="Session") | .key' leak.1.hsnap)" ]
    # New: Late (one capture later). Gone: Bootstrap.
    [ "$(jq -c 'select(.kind=="total") | [.new_classes, .gone_classes, .growing, .grew, .reachable_bytes, .unreachable_bytes]' <<<"$output")" = '[1,1,5,2,null,null]' ]
    [ "$(jq -c 'select(.kind=="verdict") | .result' <<<"$output")" = '"growth"' ]
    jq -e 'select(.kind=="verdict") | .reason | startswith("Session grew in every one of 2 steps")' <<<"$output"
}

# By hand: 2000 new sessions of 56 bytes with a user of 24, held by three; the table of each Map grew by 60000.
@test "two holders of the same objects are one finding, each with its share" {
    piped "'$HEAPDIFF' --format=ndjson shared.hsnap"
    [ "$(jq -c 'select(.kind=="growth") | [.rank, .constructor, .holder, .held_delta, .leak_share, .slice]' <<<"$output")" = \
      '[1,"Session","app.js: variable byId: Map",280000,113333,["Map","[key]: Session"]]' ]
    [ "$(jq -c 'select(.kind=="growth") | .also' <<<"$output")" = \
      '[{"holder":"app.js: variable byName: Map","leak_share":113333},{"holder":"(Global handles)","leak_share":53333}]' ]
    jq 'select(.kind=="total") | .bytes_delta == ([.by_dominator[].bytes_delta] | add) + .by_other_dominators' <<<"$output" | grep -qx true
    [ "$(jq -c 'select(.kind=="total") | .by_dominator | map([.constructor, .bytes_delta])' <<<"$output")" = '[["Session",48000]]' ]
    piped "'$HEAPDIFF' shared.hsnap"
    [[ "$output" == *"1  Session by app.js: variable byId: Map
        and by app.js: variable byName: Map
        and by (Global handles)
        heapscan path core.3 0x2a5ce1bb1e03"* ]]
    # A snapshot that does not tell makes it unknown, not none.
    grep -v '"kind":"shared"' shared.hsnap | python3 -c '
import json, subprocess, sys
for s in sys.stdin.buffer.read().split(b"{\"kind\":\"header\"")[1:]:
    lines = (b"{\"kind\":\"header\"" + s).splitlines(True)
    t = json.loads(lines[-1]); t["lines"] = len(lines) - 1
    t["digest"] = subprocess.run("xxh128sum", input=b"".join(lines[:-1]), capture_output=True).stdout.split()[0].decode()
    sys.stdout.buffer.write(b"".join(lines[:-1]) + json.dumps(t).encode() + b"\n")' > "$BATS_TEST_TMPDIR/untold.hsnap"
    piped "'$HEAPDIFF' --format=ndjson '$BATS_TEST_TMPDIR/untold.hsnap'"
    [ "$(jq -c 'select(.rank==1) | [.held_delta, .leak_share, .also]' <<<"$output")" = '[220000,null,null]' ]
    [ "$(jq -c 'select(.rank==2) | [.subject, .holder]' <<<"$output")" = '["container","app.js: variable byName: Map"]' ]
}

@test "hostile names of other holders stay where they are put" {
    for format in table markdown junit github; do
        piped "'$HEAPDIFF' --format=$format shared-hostile.hsnap"
        [ "$status" -eq 1 ]
        ! grep -q $'\x1b\|\u202e' <<<"$output"
        ! grep -q '^Evil' <<<"$output"
    done
    piped "'$HEAPDIFF' --format=ndjson shared-hostile.hsnap"
    [ "$(jq -r 'select(.rank==1) | .also[0].holder' <<<"$output" | xxd -p | tr -d '\n')" = \
      "$(printf 'app.js: variable \x1b[2J\nEvil\u202e: Map\n' | xxd -p | tr -d '\n')" ]
}

# Locales are made here: a comma in numbers, i without a dot, 5 3/4 hours from UTC. Bash itself shows that they are at work.
@test "the same bytes whatever the locale, the time zone and the order of files" {
    mkdir "$BATS_TEST_TMPDIR/locales"
    for l in de_DE tr_TR; do localedef -i $l -f UTF-8 "$BATS_TEST_TMPDIR/locales/$l.UTF-8"; done
    export LOCPATH=$BATS_TEST_TMPDIR/locales
    [ "$(LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 1,5')" = 1,5 ]
    [ "$(LC_ALL=tr_TR.UTF-8 bash -c 'x=I; echo ${x,}')" = ı ]
    for k in 1 2 3; do awk -v k=$k '/"kind":"header"/ { n++ } n == k' shared.hsnap > "$BATS_TEST_TMPDIR/$k"; done
    for format in table ndjson markdown junit github; do
        local command="'$HEAPDIFF' -q --color=never --format=$format"
        piped "cd '$BATS_TEST_TMPDIR' && LC_ALL=C.UTF-8 $command 1 2 3"
        local want=$output
        [ "$status" -eq 1 ] && [ ${#want} -gt 200 ]
        for order in '1 3 2' '2 1 3' '2 3 1' '3 1 2' '3 2 1'; do
            piped "cd '$BATS_TEST_TMPDIR' && LC_ALL=C.UTF-8 $command $order"
            [ "$output" = "$want" ]
        done
        for environment in LC_ALL=de_DE.UTF-8 LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu 'TZ=XXX+23:59 LC_ALL=de_DE.UTF-8' 'LC_ALL=tr_TR.UTF-8 LANGUAGE=tr'; do
            piped "cd '$BATS_TEST_TMPDIR' && export LC_ALL=C.UTF-8 && $environment $command 3 1 2"
            [ "$output" = "$want" ]
        done
    done
}

@test "ndjson: the parts of the total add up" {
    for f in leak steady twins garbage hostile shared; do
        piped "'$HEAPDIFF' --format=ndjson --top 2 $f.hsnap"
        jq 'select(.kind=="total") | .bytes_delta == .explained_bytes + .not_shown_bytes + .v8_bytes + .ignored_bytes
               + .below_thresholds_bytes + .shrunk_bytes' <<<"$output" | grep -qx true
    done
    # By hand: 560000+400000+320000+1800000+320000+160000+72000 of classes, code and feedback 400000+2*900*24,
    # Late 72, Bootstrap -480.
    piped "'$HEAPDIFF' --format=ndjson leak.hsnap"
    [ "$(jq -c 'select(.kind=="total") | [.bytes_delta, .explained_bytes, .not_shown_bytes, .v8_bytes, .below_thresholds_bytes, .shrunk_bytes]' <<<"$output")" = \
      '[4074792,3632000,0,443200,72,-480]' ]
}

@test "two captures: grew, exit 1, and no talk of a trend" {
    piped "'$HEAPDIFF' --format=ndjson leak.1.hsnap leak.2.hsnap"
    [ "$status" -eq 1 ]
    [ "$(growth <<<"$output" | head -n 1)" = "1 Session grew 5000 280000" ]
    ! grep -q '"verdict":"growing"' <<<"$output"
    jq -e 'select(.kind=="verdict") | .result=="growth" and (.reason | test("two captures show growth, but no trend"))
           and (.advice | test("third core"))' <<<"$output"
}

@test "table: golden output, wide and narrow" {
    piped "'$HEAPDIFF' leak.hsnap"
    diff -u leak.table.golden - <<<"$output"
    piped "COLUMNS=100 LC_ALL=C '$HEAPDIFF' --top 2 leak.hsnap"
    diff -u leak.narrow.golden - <<<"$output"
    # no line is wider than the terminal
    [ "$(awk 'length > 100 && !/^(The objects|growth)/' <<<"$output" | wc -l)" -eq 0 ]
}

@test "nothing grows: steady, exit 0" {
    piped "'$HEAPDIFF' --format=ndjson steady.hsnap"
    [ "$status" -eq 0 ]
    [ -z "$(growth <<<"$output")" ]
    jq -e 'select(.kind=="verdict") | .result=="steady"' <<<"$output"
    # V8's own code grew by 400000 bytes: said, but no finding
    [ "$(jq -c 'select(.kind=="total") | .v8_bytes' <<<"$output")" = 400000 ]
}

@test "garbage that comes and goes does not count where reachable numbers are known" {
    piped "'$HEAPDIFF' --format=ndjson garbage.hsnap"
    [ "$status" -eq 0 ]
    [ "$(jq -c 'select(.kind=="total") | [.reachable_bytes, .unreachable_bytes]' <<<"$output")" = '[[20000,20000,20000],[160000,280000,360000]]' ]
}

@test "constructors of one name in two files stay apart, isolates are added" {
    piped "'$HEAPDIFF' --format=ndjson twins.hsnap"
    [ "$status" -eq 1 ]
    [ "$(growth <<<"$output")" = "1 Node growing 3000 96000" ]
    [ "$(jq -c 'select(.kind=="growth") | [.location.script, .counts]' <<<"$output")" = '["/srv/b.js",[1500,3000,4500]]' ]
}

@test "captures of one process are put in order of time" {
    piped "'$HEAPDIFF' --format=ndjson leak.3.hsnap leak.1.hsnap leak.2.hsnap"
    [ "$(jq -c 'select(.rank==1) | .counts' <<<"$output")" = '[5000,10000,15000]' ]
    [[ "$stderr" == *"put in order of their time"* ]]
    piped "'$HEAPDIFF' -q --format=ndjson leak.3.hsnap leak.1.hsnap"
    [ -z "$stderr" ]
}

@test "captures of different processes and builds keep the given order, and it is said" {
    piped "'$HEAPDIFF' --format=ndjson leak.2.hsnap other-process.hsnap"
    [ "$status" -eq 1 ]
    [ "$(growth <<<"$output" | head -n 1)" = "1 Session grew 5000 280000" ]
    [[ "$stderr" == *"different builds of Node"* ]]
    [ "$(jq -c 'select(.rank==1) | .bytes_per_hour' <<<"$output")" = null ]
}

@test "partial captures are said in the output and make no steadiness" {
    piped "'$HEAPDIFF' partial.hsnap"
    [ "$status" -eq 0 ]
    [[ "$output" == *"partial: core.2: 12 pages are absent: the core is truncated"* ]]
    [[ "$output" == *"insufficient: "* ]]
    piped "'$HEAPDIFF' --format=ndjson partial.hsnap"
    [ "$(jq -c 'select(.kind=="header") | .snapshots | map(.complete)' <<<"$output")" = '[true,false,true]' ]
    [ "$(jq -r 'select(.kind=="verdict") | .result' <<<"$output")" = insufficient ]
}

@test "hostile names are shown, never obeyed" {
    for format in table ndjson; do
        piped "'$HEAPDIFF' -v --format=$format hostile.hsnap"
        [ "$status" -eq 1 ]
        ! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' <<<"$output$stderr"
        ! grep -q $'\u202e' <<<"$output" || [ $format = ndjson ]
    done
    piped "'$HEAPDIFF' hostile.hsnap"
    [[ "$output" == *'\u{1b}[2J\nEvil\u{202e}: a\u{7}b, \u{2028}'* ]]
}

@test "numbers beyond 2^53 survive" {
    piped "'$HEAPDIFF' --format=ndjson hostile.hsnap"
    # grep, not jq: jq reads numbers as doubles
    grep -q '"bytes":\[9007199254806529,9007199254872065,9007199254937601\]' <<<"$output"
}

@test "thresholds" {
    piped "'$HEAPDIFF' --format=ndjson --min-bytes 400000 leak.hsnap"
    [ "$(growth <<<"$output" | cut -d' ' -f2 | tr '\n' ' ')" = "Session Object (string) " ]
    piped "'$HEAPDIFF' --format=ndjson --min-bytes 391k leak.hsnap"
    [ "$(growth <<<"$output" | cut -d' ' -f2 | tr '\n' ' ')" = "Session (string) " ]
    piped "'$HEAPDIFF' --format=ndjson --min-count 10001 leak.hsnap"
    [ "$(growth <<<"$output" | cut -d' ' -f2 | tr '\n' ' ')" = "(string) " ]
    piped "'$HEAPDIFF' --format=ndjson --min-bytes 10m leak.hsnap"
    [ "$status" -eq 0 ]
    piped "'$HEAPDIFF' --format=ndjson --internals leak.hsnap"
    [ "$(growth <<<"$output" | sed -n 6,7p | cut -d' ' -f2- )" = "(bytecode) growing 1000 400000
system / FeedbackCell growing 1800 43200" ]
    piped "'$HEAPDIFF' --format=ndjson --internals leak.hsnap"
    [ "$(growth <<<"$output" | head -n 1 | cut -d' ' -f2)" = Session ]
}

@test "--top" {
    piped "'$HEAPDIFF' --format=ndjson --top 1 leak.hsnap"
    [ "$(growth <<<"$output" | wc -l)" -eq 1 ]
    piped "'$HEAPDIFF' --top 1 leak.hsnap"
    [[ "$output" == *"6 more not shown (use --top 0)"* ]]
}

@test "--ignore mutes with a reason and reports what it did" {
    printf '%s\n' '# ours' 'Sess*  # filled at start' 'Nothing # gone since May' > "$BATS_TEST_TMPDIR/known"
    piped "'$HEAPDIFF' --ignore '$BATS_TEST_TMPDIR/known' leak.hsnap"
    [ "$status" -eq 1 ]
    [[ "$output" == *"ignored: Sess* (1 class, +547 KiB): filled at start"* ]]
    [[ "$output" == *"ignored nothing: Nothing: gone since May"* ]]
    piped "'$HEAPDIFF' --format=ndjson --ignore '$BATS_TEST_TMPDIR/known' leak.hsnap"
    [ "$(growth <<<"$output" | head -n 1 | cut -d' ' -f2)" = Object ]
    [ "$(jq -c 'select(.kind=="ignored") | [.pattern, .reason, .matched, .bytes_delta]' <<<"$output" | tr '\n' ' ')" = \
      '["Sess*","filled at start",1,560000] ["Nothing","gone since May",0,0] ' ]
    echo 'Session' > "$BATS_TEST_TMPDIR/known"
    piped "'$HEAPDIFF' --ignore '$BATS_TEST_TMPDIR/known' leak.hsnap"
    [ "$status" -eq 2 ]
    [[ "$stderr" == *"known: line 1: a pattern without a reason"* ]]
}

@test "--ignore: a last day, a fingerprint; malformed lines are named" {
    rules() { printf '%s\n' "$@" > "$BATS_TEST_TMPDIR/known"; }
    # leak.hsnap was captured on 2024-11-22: the day of the captures decides, not today
    rules 'Session until=2024-11-22 # holds on its last day' 'Object until=2024-11-21 # lapsed yesterday'
    piped "'$HEAPDIFF' --ignore '$BATS_TEST_TMPDIR/known' leak.hsnap"
    [[ "$output" == *"ignored: Session (1 class, +547 KiB): holds on its last day"* ]]
    [[ "$output" == *"no longer ignored (until 2024-11-21): Object (1 class, +391 KiB): lapsed yesterday"* ]]
    piped "'$HEAPDIFF' --format=ndjson --ignore '$BATS_TEST_TMPDIR/known' leak.hsnap"
    [ "$(growth <<<"$output" | head -n 1 | cut -d' ' -f2)" = Object ]
    [ "$(jq -c 'select(.kind=="ignored") | [.pattern, .until, .expired, .matched]' <<<"$output" | tr '\n' ' ')" = \
      '["Session","2024-11-22",false,1] ["Object","2024-11-21",true,1] ' ]
    rules 'Session # fine' 'Object until=2024-02-30 # no such day'
    piped "'$HEAPDIFF' --ignore '$BATS_TEST_TMPDIR/known' leak.hsnap"
    [ "$status" -eq 2 ] && [ -z "$output" ]
    [[ "$stderr" == *"known: line 2: the last day is no date"* ]]
    piped "timeout 10 '$HEAPDIFF' --ignore /dev/zero leak.hsnap"
    [ "$status" -eq 2 ]
}

@test "streams from stdin, files and zstd are one" {
    piped "cat leak.1.hsnap leak.2.hsnap leak.3.hsnap | '$HEAPDIFF' --format=ndjson"
    local want=$output
    piped "'$HEAPDIFF' --format=ndjson leak.1.hsnap leak.2.hsnap leak.3.hsnap"
    [ "$output" = "$want" ]
    piped "cat leak.3.hsnap | '$HEAPDIFF' --format=ndjson leak.1.hsnap leak.2.hsnap -"
    [ "$output" = "$want" ]
    zstd -q leak.1.hsnap -o "$BATS_TEST_TMPDIR/1.zst"
    zstd -q leak.2.hsnap -o "$BATS_TEST_TMPDIR/2.zst"
    piped "cat '$BATS_TEST_TMPDIR'/[12].zst | '$HEAPDIFF' --format=ndjson - leak.3.hsnap"
    [ "$output" = "$want" ]
}

@test "colour: only at a terminal, or when asked for" {
    piped "'$HEAPDIFF' leak.hsnap"
    ! grep -q $'\e' <<<"$output"
    piped "'$HEAPDIFF' --color=always leak.hsnap"
    grep -q $'\e\\[31mgrowing' <<<"$output"
    # script(1) gives a terminal
    if command -v script >/dev/null; then
        piped "script -qec \"'$HEAPDIFF' leak.hsnap\" /dev/null"
        grep -q $'\e\\[31mgrowing' <<<"$output"
        piped "NO_COLOR=1 script -qec \"'$HEAPDIFF' leak.hsnap\" /dev/null"
        ! grep -q $'\e' <<<"$output"
        piped "TERM=dumb script -qec \"'$HEAPDIFF' leak.hsnap\" /dev/null"
        ! grep -q $'\e' <<<"$output"
    fi
}

@test "trouble: exit 2, one sentence with file and line, nothing on stdout" {
    trouble() { # COMMAND PATTERN
        piped "$1"
        [ "$status" -eq 2 ] && [ -z "$output" ] && [[ "$stderr" == "heapdiff: "$2 ]] && [ "$(wc -l <<<"$stderr")" -eq 1 ] ||
            { echo "status $status: $stderr"; return 1; }
    }
    trouble "'$HEAPDIFF' leak.1.hsnap" "one snapshot shows no growth: give two or more*"
    trouble "'$HEAPDIFF' </dev/null" "standard input holds no snapshot: it is empty*"
    trouble "'$HEAPDIFF' leak.1.hsnap nowhere.hsnap" "cannot open nowhere.hsnap: No such file*"
    trouble "'$HEAPDIFF' leak.1.hsnap ." "cannot read .: Is a directory*"
    trouble "head -n 18 leak.1.hsnap | '$HEAPDIFF' - leak.2.hsnap" "standard input: line 18: the stream ends without the trailer*"
    trouble "head -c 3000 leak.1.hsnap | '$HEAPDIFF' leak.2.hsnap -" "standard input: line *: the stream ends in the middle of a line*"
    trouble "sed s/Session/Sessioo/ leak.1.hsnap | '$HEAPDIFF' - leak.2.hsnap" "standard input: line 19: the digest does not match*"
    trouble "sed 5d leak.1.hsnap | '$HEAPDIFF' - leak.2.hsnap" "standard input: line 18: the trailer counts 18 lines before it, but there are 17*"
    trouble "head -n 5 leak.1.hsnap | cat - leak.2.hsnap | '$HEAPDIFF'" "standard input: line 6: a new snapshot begins*"
    trouble "cat leak.1.hsnap schema-2.hsnap | '$HEAPDIFF'" "standard input: line 20: the schema is heapscan.snapshot/2, but this program reads heapscan.snapshot/1*"
    trouble "'$HEAPDIFF' leak.1.hsnap '$HEAPDIFF'" "*is an ELF file, not a snapshot*"
    trouble "'$HEAPDIFF' leak.hsnap >/dev/full" "cannot write the result: No space left on device*"
}

@test "a minor version of the schema is read" {
    piped "'$HEAPDIFF' schema-1.9.hsnap steady.hsnap"
    [ "$status" -eq 0 ]
}

@test "usage: exit 64" {
    for arguments in --format=xml --top=x --min-bytes=-1 --color=red --nonsense; do
        piped "'$HEAPDIFF' $arguments leak.hsnap"
        [ "$status" -eq 64 ]
        [ -z "$output" ]
    done
}

@test "--base, --busy, --settled: what a load leaves behind" {
    # Sessions 5000 before, 15000 under the load, 10000 after it: half of the growth is left, so a longer quiet must tell.
    # Of templates (2000, 3500, 3000) and jobs more is left.
    printf 'Template # kept\nJob # kept\n' > "$BATS_TEST_TMPDIR/known"
    piped "'$HEAPDIFF' --format=ndjson --ignore '$BATS_TEST_TMPDIR/known' --base leak.1.hsnap --busy leak.3.hsnap --settled leak.2.hsnap"
    [ "$status" -eq 0 ]
    [ "$(jq -c 'select(.kind=="growth" and .constructor=="Session") | [.verdict, .doubtful, .left, .counts]' <<<"$output")" = '["grew",true,0.5,[5000,15000,10000]]' ]
    [ "$(jq -r 'select(.kind=="verdict") | .result' <<<"$output")" = insufficient ]
    # All of it is left.
    piped "'$HEAPDIFF' --format=ndjson --base leak.1.hsnap --busy leak.2.hsnap --settled leak.2.hsnap"
    [ "$status" -eq 1 ]
    jq -e 'select(.kind=="verdict") | .reason | test("Session is held after the load: 100 % of what it grew is left")' <<<"$output"
    # Nothing is left.
    piped "'$HEAPDIFF' --format=ndjson --base leak.1.hsnap --busy leak.3.hsnap --settled leak.1.hsnap"
    [ "$status" -eq 0 ]
    [ -z "$(growth <<<"$output")" ]
    jq -e 'select(.kind=="verdict") | .result == "steady"' <<<"$output"
    piped "'$HEAPDIFF' --base leak.1.hsnap --busy leak.2.hsnap"
    [ "$status" -eq 64 ]
    piped "'$HEAPDIFF' --base leak.1.hsnap --busy leak.2.hsnap --settled leak.hsnap"
    [ "$status" -eq 2 ]
}

@test "help and version" {
    piped "'$HEAPDIFF' --help"
    [ "$status" -eq 0 ]
    [[ "$output" == *"heapscan core.1 core.2 core.3 | heapdiff"* ]]
    [[ "$output" == *"Exit status"* ]]
    piped "'$HEAPDIFF' --version"
    [ "$status" -eq 0 ]
    [[ "$output" == "heapdiff "[0-9]*.[0-9]*.[0-9]* ]]
}

@test "the same input gives the same bytes" {
    piped "'$HEAPDIFF' --format=ndjson leak.hsnap"
    local first=$output
    for i in 1 2 3; do
        piped "'$HEAPDIFF' --format=ndjson leak.hsnap"
        [ "$output" = "$first" ]
    done
}
