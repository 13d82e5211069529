#!/usr/bin/env bats
# heapdiff's formats for jobs: JUnit, GitHub, Markdown. Each is fed to a reader that is not ours: libxml2 with a schema,
# cmark-gfm, and a reader of workflow commands written after the runner's (formats/commands). What is planted stands in
# snapshots/make and formats/series.

bats_require_minimum_version 1.5.0

setup_file() {
    "$BATS_TEST_DIRNAME/formats/series" hostile > "$BATS_FILE_TMPDIR/hostile.hsnap"
    "$BATS_TEST_DIRNAME/formats/series" many 800 > "$BATS_FILE_TMPDIR/many.hsnap"
}
setup() {
    HEAPDIFF=${HEAPDIFF:-$BATS_TEST_DIRNAME/../../bin/heapdiff}
    FORMATS=$BATS_TEST_DIRNAME/formats
    HOSTILE=$BATS_FILE_TMPDIR/hostile.hsnap
    MANY=$BATS_FILE_TMPDIR/many.hsnap
    OUT=$BATS_TEST_TMPDIR
    cd "$BATS_TEST_DIRNAME/snapshots"
    unset COLUMNS NO_COLOR LANG LC_CTYPE GITHUB_STEP_SUMMARY GITHUB_WORKSPACE
    export LC_ALL=C.UTF-8 TERM=xterm
}
piped() { run --separate-stderr bash -c "$1"; }

junit() { # FILE…: the report, valid, in $OUT/junit.xml; its status in $status
    run --separate-stderr "$HEAPDIFF" -q --format=junit "$@"
    printf '%s\n' "$output" > "$OUT/junit.xml"
    xmllint --noout --nonet --schema "$FORMATS/junit.xsd" "$OUT/junit.xml" 2>"$OUT/xmllint" || { cat "$OUT/xmllint"; return 1; }
    # The counts are those of the elements.
    [ "$(x 'number(//testsuite/@tests)')" = "$(x 'count(//testcase)')" ]
    [ "$(x 'number(//testsuite/@failures)')" = "$(x 'count(//failure)')" ]
    [ "$(x 'number(//testsuite/@errors)')" = "$(x 'count(//error)')" ]
    [ "$(x 'number(//testsuite/@skipped)')" = "$(x 'count(//skipped)')" ]
}
x() { xmllint --xpath "$1" "$OUT/junit.xml"; }

@test "junit: a failure for each finding that is growing" {
    junit leak.hsnap
    [ "$status" -eq 1 ]
    # Session, Object, Array, (string), (object elements); Job and Template only grew.
    [ "$(x 'count(//failure)')" = 5 ] && [ "$(x 'count(//skipped)')" = 0 ]
    [ "$(x 'string(//testcase[failure][1]/@name)')" = "Session (session.js:12): id, page, user" ]
    [[ "$(x 'string(//testcase[failure][1]/failure/@message)')" == *"5,000 → 15,000 objects (+10,000)"* ]]
    [[ "$(x 'string(//testcase[failure][1]/failure)')" == *$'\nbytes: 280000 560000 840000\n'*"heapscan --list --like 0x2a5ce1bb1e03 core.3" ]]
    [[ "$(x 'string(//system-out)')" == *"Job: job, result: grew: 4,000 → 8,000"* ]]
    [ "$(x 'string(//testsuite/@timestamp)')" = 2024-11-22T03:00:00 ]
}

@test "junit: healthy passes, insufficient and partial are skipped, trouble is an error" {
    junit steady.hsnap
    [ "$status" -eq 0 ] && [ "$(x 'count(//testcase)')" = 2 ] && [ "$(x 'count(//testcase/*)')" = 0 ]
    junit partial.hsnap
    [ "$status" -eq 0 ] && [ "$(x 'count(//skipped)')" = 2 ]
    [ "$(x 'string(//testcase[@name="captures are complete"]/skipped/@message)')" = "core.2: 12 pages are absent: the core is truncated" ]
    [[ "$(x 'string(//testcase[@name="nothing grows"]/skipped/@message)')" == insufficient:* ]]
    junit leak.1.hsnap
    [ "$status" -eq 2 ] && [ "$(x 'count(//error)')" = 1 ] && [[ "$(x 'string(//error/@message)')" == "one snapshot shows no growth"* ]]
    junit leak.1.hsnap nowhere.hsnap
    [ "$status" -eq 2 ] && [[ "$(x 'string(//error/@message)')" == "cannot open nowhere.hsnap"* ]]
}

@test "junit: two captures grew, and that fails" {
    junit leak.1.hsnap leak.2.hsnap
    [ "$status" -eq 1 ]
    [ "$(x 'string(//testcase[failure][1]/failure/@type)')" = grew ]
}

@test "junit: names of findings stay the same from night to night" {
    junit leak.1.hsnap leak.2.hsnap
    x '//testcase[failure]/@name' | tr ' ' '\n' | grep -o 'Session' | head -n 1
    one=$(x 'string(//testcase[failure][1]/@name)')
    junit leak.2.hsnap leak.3.hsnap
    [ "$(x 'string(//testcase[failure][1]/@name)')" = "$one" ]
}

@test "junit: hostile names are valid XML and text only" {
    junit "$HOSTILE"
    [ "$status" -eq 1 ]
    [ "$(x 'count(//failure)')" = 52 ]
    # Whatever the names say, there are no elements but ours.
    [ "$(x 'count(//*[not(self::testsuites or self::testsuite or self::properties or self::property or self::testcase or self::failure or self::skipped or self::system-out or self::system-err)])')" = 0 ]
    [ "$(x 'count(//comment()|//processing-instruction())')" = 0 ]
    [ "$(x 'count(//testcase[starts-with(@name, "<script>alert(1)</script>")])')" = 1 ]
    [ "$(x 'count(//testcase[starts-with(@name, "]]> (")])')" = 1 ]
    [ "$(x 'count(//testcase[starts-with(@name, "\u{202e}gnp.exe")])')" = 1 ]
    # A megabyte of a name is cut.
    [ "$(wc -c < "$OUT/junit.xml")" -lt 400000 ]
}

@test "github: annotations as the runner reads them" {
    piped "'$HEAPDIFF' --format=github leak.hsnap"
    [ "$status" -eq 1 ]
    "$FORMATS/commands" <<<"$output" > "$OUT/annotations"
    [ "$(jq -r .level "$OUT/annotations" | uniq -c | tr -s ' ' | tr '\n' ';')" = " 5 error; 1 notice;" ]
    [ "$(jq -r 'select(.level=="error") | .title' "$OUT/annotations" | head -n 1)" = "Heap growing: Session" ]
    jq -se '.[] | select(.title=="Heap growing: Session") | .message | startswith("Session (session.js:12): id, page, user\ngrowing: 5,000 → 15,000 objects (+10,000), +547 KiB in 2 steps")' "$OUT/annotations"
    jq -se '.[] | select(.level=="notice") | .message | startswith("growth: Session grew in every one of 2 steps")' "$OUT/annotations"
    piped "'$HEAPDIFF' --format=github steady.hsnap"
    [ "$status" -eq 0 ] && [ "$("$FORMATS/commands" <<<"$output" | jq -r .level)" = notice ]
    piped "'$HEAPDIFF' --format=github partial.hsnap"
    [ "$status" -eq 0 ] && [ "$("$FORMATS/commands" <<<"$output" | jq -r .level | sort -u)" = warning ]
    piped "'$HEAPDIFF' --format=github leak.1.hsnap"
    [ "$status" -eq 2 ] && [ "$("$FORMATS/commands" <<<"$output" | jq -r .level)" = error ]
}

@test "github: a class of the repository is annotated at its line" {
    export GITHUB_WORKSPACE=/srv/app/
    piped "'$HEAPDIFF' --format=github leak.hsnap"
    [ "$("$FORMATS/commands" <<<"$output" | jq -c 'select(.file) | [.title, .file, .line, .col]')" = '["Heap growing: Session","session.js","12","3"]' ]
    export GITHUB_WORKSPACE=/srv/ap
    piped "'$HEAPDIFF' --format=github leak.hsnap"
    [ -z "$("$FORMATS/commands" <<<"$output" | jq -c 'select(.file)')" ]
}

@test "github: no more than ten of a level, and the rest is counted" {
    piped "'$HEAPDIFF' --format=github '$MANY'"
    "$FORMATS/commands" <<<"$output" > "$OUT/annotations"
    [ "$(jq -r .level "$OUT/annotations" | uniq -c | tr -s ' ' | tr '\n' ';')" = " 10 error; 1 notice;" ]
    jq -se '.[] | select(.level=="notice") | .message | test("\n790 more findings are not annotated")' "$OUT/annotations"
}

@test "github: hostile names inject no command and pass no limit" {
    export GITHUB_WORKSPACE=/srv/app
    piped "'$HEAPDIFF' --format=github '$HOSTILE'"
    "$FORMATS/commands" <<<"$output" > "$OUT/annotations"
    [ "$(wc -l < "$OUT/annotations")" -eq 12 ]
    for name in '::error::x' '%0A::set-output name=a::b' '##[set-env name=A;]B' 'a,b:c%25' "$(printf 'e\u0301%.0s' $(seq 3000))" "$(printf '😀%.0s' $(seq 3000))"; do
        "$FORMATS/series" one "$name" > "$OUT/one.hsnap"
        piped "'$HEAPDIFF' --format=github '$OUT/one.hsnap'"
        [ "$("$FORMATS/commands" <<<"$output" | jq -r .level | tr '\n' ' ')" = "error notice " ]
        [[ "$("$FORMATS/commands" <<<"$output" | jq -r 'select(.level=="error").title')" == "Heap growing: ${name:0:10}"* ]]
    done
}

@test "github: the step summary is added to, and never past its limit" {
    export GITHUB_STEP_SUMMARY=$OUT/summary
    echo "what another command said" > "$OUT/summary"
    piped "'$HEAPDIFF' --format=github leak.hsnap"
    [ "$status" -eq 1 ]
    [ "$(head -n 1 "$OUT/summary")" = "what another command said" ]
    tail -n +3 "$OUT/summary" | "$FORMATS/markdown" | grep -q 'Session (session.js:12)'
    # 800 findings of some 300 bytes, and a megabyte that is nearly full.
    head -c 1000000 /dev/zero | tr '\0' '\n' > "$OUT/summary"
    piped "'$HEAPDIFF' --top 0 --format=github '$MANY'"
    [ "$(stat -c %s "$OUT/summary")" -le 1048576 ]
    grep -q 'more not shown' "$OUT/summary"
    head -c 1040000 /dev/zero | tr '\0' '\n' > "$OUT/summary"
    piped "'$HEAPDIFF' --format=github leak.hsnap"
    [ "$status" -eq 1 ] && [ "$(stat -c %s "$OUT/summary")" -eq 1040000 ] && [[ "$stderr" == *"no room is left"* ]]
    GITHUB_STEP_SUMMARY=/nowhere/x piped "'$HEAPDIFF' --format=github leak.hsnap"
    [ "$status" -eq 2 ] && [[ "$stderr" == *GITHUB_STEP_SUMMARY* ]]
    # Trouble stands there as well.
    : > "$OUT/summary"
    piped "'$HEAPDIFF' --format=github leak.1.hsnap"
    grep -q '^## heapdiff: trouble' "$OUT/summary"
}

@test "markdown: a table that GitHub's parser reads back" {
    piped "'$HEAPDIFF' --format=markdown leak.hsnap"
    [ "$status" -eq 1 ]
    "$FORMATS/markdown" <<<"$output" > "$OUT/rows"
    [ "$(sed -n 2p "$OUT/rows")" = '["1", "growing", "5,000 → 15,000", "+10,000", "+547 KiB", "+273 KiB", "Session (session.js:12): id, page, user"]' ]
    # 7 findings, 3 rests, the whole.
    [ "$(wc -l < "$OUT/rows")" -eq 12 ]
    [ "$(tail -n 1 "$OUT/rows")" = '["", "", "", "", "+3.9 MiB", "", "the whole heap, garbage included"]' ]
    piped "'$HEAPDIFF' --format=markdown leak.1.hsnap"
    [ "$status" -eq 2 ] && [[ "$output" == "## heapdiff: trouble"* ]]
}

@test "markdown: hostile names break nothing" {
    piped "'$HEAPDIFF' -q --top 0 --format=markdown '$HOSTILE'"
    "$FORMATS/markdown" <<<"$output" > "$OUT/rows"
    [ "$(wc -l < "$OUT/rows")" -eq 54 ]
    grep -qF '"<script>alert(1)</script> (script>.js:6): p5"' "$OUT/rows"
    grep -qF '@octocat: ' "$OUT/rows"
    # The sentence of the verdict is no code: each name once as the first finding.
    for name in '@octocat' 'a@example.com' '[link](https://example.com)' 'https://example.com' 'www.example.com' '<script>x</script>' '#1' ':tada:' '$x$' '`code`' '<!-- x' '&lt;b&gt;' '1. a' '![i](http://a.b/c.png)' 'GH-1 @a @b' '</p>' '\' '**'; do
        "$FORMATS/series" one "$name" > "$OUT/one.hsnap"
        piped "'$HEAPDIFF' --format=markdown '$OUT/one.hsnap'"
        "$FORMATS/markdown" <<<"$output" > "$OUT/rows" || { echo "$name"; echo "$output"; return 1; }
    done
}

@test "markdown: fits into a comment" {
    piped "'$HEAPDIFF' --top 0 --format=markdown '$MANY'"
    [ "$(wc -c <<<"$output")" -le 65001 ]
    [[ "$output" == *"more not shown"* ]]
    "$FORMATS/markdown" <<<"$output" | tail -n 1 | grep -q 'the whole heap'
}

@test "several formats in one run, each to its file" {
    piped "'$HEAPDIFF' --format=table --format=junit:'$OUT/a.xml' --format=ndjson:'$OUT/a.json' --format=markdown:'$OUT/a.md' --format=github:'$OUT/a.txt' leak.hsnap"
    [ "$status" -eq 1 ]
    diff -u leak.table.golden - <<<"$output"
    for format in junit:xml ndjson:json markdown:md github:txt; do
        piped "'$HEAPDIFF' --format=${format%:*} leak.hsnap"
        diff -u "$OUT/a.${format#*:}" - <<<"$output"
    done
    # Without anything on standard output the verdict is said on stderr.
    piped "'$HEAPDIFF' --format=junit -o '$OUT/b.xml' leak.hsnap"
    [ "$status" -eq 1 ] && [ -z "$output" ] && [[ "$stderr" == "heapdiff: growth: Session grew"* ]]
    cmp "$OUT/a.xml" "$OUT/b.xml"
    piped "'$HEAPDIFF' -o '$OUT/table' leak.hsnap"
    diff -u leak.table.golden "$OUT/table"
}

@test "a file that cannot be written is trouble, and the other formats are still there" {
    piped "'$HEAPDIFF' --format=junit:/nowhere/a.xml --format=ndjson:'$OUT/a.json' --format=table leak.hsnap"
    [ "$status" -eq 2 ] && [[ "$stderr" == *"/nowhere/a.xml"* ]]
    [ -s "$OUT/a.json" ] && [[ "$output" == *"growth: Session grew"* ]]
    # What stood there before stays, and no half of a file is left.
    echo old > "$OUT/a.xml"
    piped "ulimit -f 1; trap '' XFSZ; '$HEAPDIFF' --format=junit:'$OUT/a.xml' leak.hsnap"
    [ "$status" -eq 2 ] && [ "$(cat "$OUT/a.xml")" = old ] && [ "$(ls "$OUT" | grep -v stderr | tr '\n' ' ')" = "a.json a.xml " ]
}

@test "wrong usage of --format and -o" {
    for arguments in --format=html --format= --format=junit: --format=junitx:a '--format=junit:a -o b' '--format=junit --format=table -o b'; do
        piped "'$HEAPDIFF' $arguments leak.hsnap"
        [ "$status" -eq 64 ] && [ -z "$output" ]
    done
}

@test "the formats are the same whatever the locale and the order of files" {
    for format in junit github markdown; do
        piped "'$HEAPDIFF' -q --format=$format leak.1.hsnap leak.2.hsnap leak.3.hsnap"
        want=$output
        piped "LC_ALL=C '$HEAPDIFF' -q --format=$format leak.3.hsnap leak.1.hsnap leak.2.hsnap"
        [ "$output" = "$want" ]
    done
}
