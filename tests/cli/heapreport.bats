#!/usr/bin/env bats
# heapreport from the command line, on the hand-made snapshots of tests/cli/snapshots (what grows in them: snapshots/make). How the
# page looks and works is tested in a real browser: tests/browser/run.

setup() {
    HEAPREPORT=${HEAPREPORT:-$BATS_TEST_DIRNAME/../../bin/heapreport}
    SNAPSHOTS=$BATS_TEST_DIRNAME/snapshots
    cd "$BATS_TEST_TMPDIR"
    unset COLUMNS LANG LC_CTYPE
    export LC_ALL=C.UTF-8
}
bats_require_minimum_version 1.5.0

# json FILE: the data embedded in a page, and a check that its tags are balanced
json() {
    python3 - "$1" <<'PY'
import html.parser, sys
class Page(html.parser.HTMLParser):
    void = {'meta', 'input', 'br', 'path', 'polygon', 'circle', 'rect'}
    def __init__(self):
        super().__init__(); self.open, self.data, self.id = [], '', None
    def handle_starttag(self, tag, attributes):
        self.id = dict(attributes).get('id')
        if tag not in self.void: self.open.append(tag)
    def handle_startendtag(self, tag, attributes): pass
    def handle_endtag(self, tag):
        if tag in self.void: return
        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos()); self.open.pop()
    def handle_data(self, data):
        if self.open and self.open[-1] == 'script' and self.id == 'data': self.data += data
page = Page()
page.feed(open(sys.argv[1], encoding='utf-8').read())
page.close()
assert not page.open, page.open
print(page.data)
PY
}

@test "a stream from standard input becomes one page that refers to nothing outside" {
    run bash -c 'cat "$1" | "$0" -o report.html' "$HEAPREPORT" "$SNAPSHOTS/leak.hsnap"
    echo "$output"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    json report.html >data.json
    # The numbers are those of tests/cli/heapdiff.bats: 5000 Sessions of 56 bytes a step.
    [ "$(jq -c '[.[] | select(.kind=="growth")][0] | [.constructor, .verdict, .counts, .bytes_delta]' data.json)" = \
      '["Session","growing",[5000,10000,15000],560000]' ]
    grep -q "<h1><code>Session</code> keeps growing</h1>" report.html
    grep -q "Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]*='; script-src 'sha256-[A-Za-z0-9+/]*='; base-uri" report.html
    ! grep -Eq '(src|href|action|data|poster)="?[^#"]' report.html
    ! grep -Eq 'url\(|@import' report.html
}

@test "the same input gives the same bytes" {
    for n in 1 2; do "$HEAPREPORT" "$SNAPSHOTS/leak.hsnap" >"$n.html"; done
    [ -s 1.html ]
    cmp 1.html 2.html
}

@test "text for a log: verdict, suspects, table and both figures" {
    run --separate-stderr "$HEAPREPORT" --format=text "$SNAPSHOTS/leak.hsnap"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "Session keeps growing" ]
    grep -q "Grew in every one of 2 steps: 5,000 → 15,000 objects (+10,000), +547 KiB" <<<"$output"
    grep -q "Growth since the first capture" <<<"$output"
    grep -q "The whole heap" <<<"$output"
    grep -q "MiB +" <<<"$output"
}

@test "figures as PNG" {
    "$HEAPREPORT" --png figures -o report.html "$SNAPSHOTS/leak.hsnap"
    for name in growth heap; do
        [ "$(head -c 8 figures/$name.png | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]
    done
    run "$HEAPREPORT" --png figures --gnuplot=none -o report.html "$SNAPSHOTS/leak.hsnap"
    [ "$status" -eq 2 ]
    grep -q "needs gnuplot" <<<"$output"
}

@test "without gnuplot the page comes with plain lines, and says so" {
    run "$HEAPREPORT" --gnuplot=/no/such/gnuplot -o report.html "$SNAPSHOTS/leak.hsnap"
    [ "$status" -eq 0 ]
    grep -q "own plain lines, since gnuplot cannot" <<<"$output"
    grep -q "own plain lines, since gnuplot cannot" report.html
    grep -q 'class="s16" stroke-width="2"' report.html
    json report.html >/dev/null
    run "$HEAPREPORT" --gnuplot=/bin/false -q -o report.html "$SNAPSHOTS/leak.hsnap"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run "$HEAPREPORT" --gnuplot=none --format=text "$SNAPSHOTS/leak.hsnap"
    grep -q "Figures: heapreport's own plain lines" <<<"$output"
}

@test "a gnuplot that fails in the middle costs no report" {
    # It tells its version, draws one figure and breaks off in the second.
    cat > breaks <<END
#!/bin/bash
[ "\$1" = --version ] && exec $(command -v gnuplot) --version
[ -e "$PWD/count" ] && { echo "out of memory" >&2; kill -SEGV \$\$; }
: > "$PWD/count"
exec $(command -v gnuplot) "\$@"
END
    chmod +x breaks
    for format in html text; do
        rm -f count
        run "$HEAPREPORT" --gnuplot="$PWD/breaks" --format=$format -o report.$format "$SNAPSHOTS/leak.hsnap"
        [ "$status" -eq 0 ]
        [ -e count ]
        grep -q "own plain lines, since gnuplot cannot" <<<"$output"
        grep -q "own plain lines, since gnuplot cannot" report.$format
        grep -q Session report.$format
    done
    [ "$(grep -c '<svg' report.html)" -ge 2 ]
}

@test "nobody's gnuplot settings and no folder of ours stay behind" {
    mkdir home tmp
    echo "set output 'owned'; system 'touch owned'" >home/.gnuplot
    HOME=$PWD/home TMPDIR=$PWD/tmp GNUPLOT_LIB=$PWD/home "$HEAPREPORT" -o report.html "$SNAPSHOTS/leak.hsnap"
    [ -z "$(ls -A tmp)" ]
    [ -z "$(find . -name owned)" ]
}

@test "hostile names are text in every format" {
    "$HEAPREPORT" -o report.html "$SNAPSHOTS/hostile.hsnap"
    json report.html | jq -e . >/dev/null
    ! grep -q $'\x1b' report.html
    ! grep -q $'\u202e' report.html
    "$HEAPREPORT" --format=text "$SNAPSHOTS/hostile.hsnap" >report.txt
    [ -s report.txt ]
    ! grep -q $'\x1b' report.txt
    ! grep -q $'\u202e' report.txt
}

@test "one capture, steady ones, partial ones: each has its own verdict" {
    "$HEAPREPORT" -o one.html "$SNAPSHOTS/leak.1.hsnap"
    grep -q "<h1>One capture: what is in the heap</h1>" one.html
    json one.html | grep -qx '\[\]'
    "$HEAPREPORT" -o steady.html "$SNAPSHOTS/steady.hsnap"
    grep -q "<h1>Nothing leaks here</h1>" steady.html
    json steady.html | jq -e '.[] | select(.kind=="verdict").result == "steady"' >/dev/null
    "$HEAPREPORT" -o partial.html "$SNAPSHOTS/partial.hsnap"
    grep -q "12 pages are absent: the core is truncated" partial.html
    grep -q "1 of 3 partial" partial.html
    ! grep -q "Nothing leaks here" partial.html
}

@test "options of the judge are heapdiff's" {
    echo "Session   # known: OPS-1" >known
    "$HEAPREPORT" --ignore known --min-bytes 100k -o report.html "$SNAPSHOTS/leak.hsnap"
    grep -q "OPS-1" report.html
    [ "$(json report.html | jq -r '[.[] | select(.kind=="growth")][0].constructor')" != Session ]
    grep -q "less than 102400 bytes" report.html
}

@test "trouble is 2, and leaves the file alone; wrong usage is 64" {
    echo "must stay" >report.html
    head -c 3000 "$SNAPSHOTS/leak.hsnap" >cut.hsnap
    for input in cut.hsnap nowhere.hsnap "$SNAPSHOTS/schema-2.hsnap" /dev/null; do
        run "$HEAPREPORT" -o report.html "$input"
        echo "$input: $status: $output"
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
        [ "$(cat report.html)" = "must stay" ]
    done
    run "$HEAPREPORT" --format=pdf "$SNAPSHOTS/leak.hsnap"
    [ "$status" -eq 64 ]
    run "$HEAPREPORT" --no-such-option
    [ "$status" -eq 64 ]
    run "$HEAPREPORT" -o /no/such/folder/report.html "$SNAPSHOTS/leak.hsnap"
    [ "$status" -eq 2 ]
    run bash -c '"$0" "$1" >/dev/full' "$HEAPREPORT" "$SNAPSHOTS/leak.hsnap"
    [ "$status" -eq 2 ]
}
