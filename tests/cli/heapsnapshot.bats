# A .heapsnapshot as a source: every verb, addresses as @id and as 0x, and what cannot be asked. The file is explained in
# tests/unit/test_group_imported.c.

setup() {
    : "${HEAPSCAN:=$BATS_TEST_DIRNAME/../../bin/heapscan}" "${HEAPDIFF:=$BATS_TEST_DIRNAME/../../bin/heapdiff}"
    file=$BATS_TEST_DIRNAME/../fuzz/corpus/heapsnapshot/cache.heapsnapshot
    export HEAPSCAN_INDEX=never
    cd "$BATS_TEST_TMPDIR"
}

@test "path: from the global object through a Map, and the key only when asked for" {
    run "$HEAPSCAN" path "$file" @17
    [ "$status" -eq 0 ]
    [[ "$output" == *"global"*".cache"*"Map"*"[key]"*"Session"* ]]
    [[ "$output" != *secret* ]]
    run "$HEAPSCAN" path --values "$file" 0x11
    [ "$status" -eq 0 ]
    [[ "$output" == *'["secret key"]'* ]]
}

@test "retainers: who points there, by name" {
    run "$HEAPSCAN" retainers "$file" @11
    [ "$status" -eq 0 ]
    [[ "$output" == *".cache of global"* ]]
}

@test "dominators: what the Map holds" {
    run "$HEAPSCAN" dominators "$file" @11
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" == "Map: 304 B" ]]
    run "$HEAPSCAN" dominators --folded "$file"
    [ "$status" -eq 0 ]
    [[ "$output" == *"Map;"*"Session"* ]]
}

@test "suspects, --like and --list, reachable or not" {
    run "$HEAPSCAN" suspects "$file"
    [ "$status" -eq 0 ]
    [[ "$output" == *"path"*"@11"* ]]
    run "$HEAPSCAN" --list -c Session "$file"
    [ "$output" = $'@17\n@19' ]
    run "$HEAPSCAN" --list --like @19 "$file"
    [ "$output" = @19 ]
    run "$HEAPSCAN" --list -c Session --unreachable "$file"
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "suspects: not the global object, but what hangs on it" {
    jq -c '.snapshot.node_count = 5 | .snapshot.edge_count = 5 | .strings = ["", "(GC roots)", "global", "first", "second", "Map"]
        | .nodes = [9,0,1,0,2, 9,1,3,0,1, 3,2,5,100,2, 3,5,7,1000,0, 3,5,9,900,0] | .locations = []
        | .edges = [1,1,5, 5,2,10, 1,1,10, 2,3,15, 2,4,20]' "$file" >two.heapsnapshot
    run "$HEAPSCAN" suspects two.heapsnapshot
    [ "$status" -eq 0 ]
    [[ "$output" == *"One Map (@7)"*"global.first"*"One Map (@9)"*"global.second"* ]]
    [[ "$output" != *"One global"* ]]
}

@test "export: the same heap again; --redact without contents" {
    run "$HEAPSCAN" export "$file" -o again.heapsnapshot
    [ "$status" -eq 0 ]
    "$HEAPSCAN" --format=ndjson again.heapsnapshot | grep -v '"kind":"\(header\|trailer\)"' >again
    "$HEAPSCAN" --format=ndjson "$file" | grep -v '"kind":"\(header\|trailer\)"' >before
    cmp again before
    run "$HEAPSCAN" export --redact "$file" -o redacted.heapsnapshot
    [ "$status" -eq 0 ]
    grep -q Session redacted.heapsnapshot
    ! grep -q 'secret key' redacted.heapsnapshot
    run "$HEAPSCAN" export --garbage "$file" -o x.heapsnapshot
    [ "$status" -eq 2 ] && [ ! -e x.heapsnapshot ]
}

@test "an id that is not there, and what is no id" {
    run "$HEAPSCAN" path "$file" @12
    [ "$status" -eq 2 ]
    [[ "$output" == *"no object @12"* ]]
    run "$HEAPSCAN" path "$file" @1x
    [ "$status" -eq 64 ]
    run "$HEAPSCAN" path "$file" @-1
    [ "$status" -eq 64 ]
}

@test "heapdiff names the holder of what grew between two snapshots" {
    # The second Map has an entry more.
    sed -e 's/"node_count":15,"edge_count":17/"node_count":16,"edge_count":18/' -e 's/1,1,13,152,3,/1,1,13,152,4,/' \
        -e 's/1,1,29,16,0\]/1,1,29,16,0, 3,13,31,200000,0]/' -e 's/3,11,45,/3,11,45, 3,11,75,/' "$file" >after.heapsnapshot
    run bash -c "'$HEAPSCAN' '$file' after.heapsnapshot | '$HEAPDIFF' --format=ndjson --min-bytes 1000 --min-count 1"
    [ "$status" -eq 1 ]
    [[ "$output" == *'"holder":"global.cache'* ]]
}

@test "packed by gzip or zstd, and with a byte order mark: the same answer" {
    "$HEAPSCAN" --format=ndjson "$file" | grep -v '"kind":"\(header\|trailer\)"' >plain
    gzip -c "$file" >a.heapsnapshot.gz
    zstd -qc "$file" >a.heapsnapshot.zst
    { printf '\xef\xbb\xbf'; cat "$file"; } >marked.heapsnapshot
    for packed in a.heapsnapshot.gz a.heapsnapshot.zst marked.heapsnapshot; do
        "$HEAPSCAN" --format=ndjson "$packed" | grep -v '"kind":"\(header\|trailer\)"' >again
        cmp plain again
    done
    head -c 300 a.heapsnapshot.gz >cut.gz
    head -c 300 a.heapsnapshot.zst >cut.zst
    for packed in cut.gz cut.zst; do
        run "$HEAPSCAN" path "$packed" @11
        [ "$status" -eq 2 ]
        [ -n "$output" ]
    done
}

@test "a file that ends too early, and UTF-16, are refused by name" {
    head -c 900 "$file" >cut.heapsnapshot
    run "$HEAPSCAN" cut.heapsnapshot
    [ "$status" -eq 2 ]
    [[ "$output" == *"not whole: it ends at byte 900"* ]]
    iconv -f UTF-8 -t UTF-16 "$file" >wide.heapsnapshot
    run "$HEAPSCAN" wide.heapsnapshot
    [ "$status" -eq 2 ]
    [[ "$output" == *"UTF-16"* ]]
}

@test "fields in another order and unknown ones: read by the file's own meta, and said so" {
    # Two fields change places, a third is new; each with its value in every node and edge.
    python3 - "$file" <<'PY'
import json, sys
data = json.load(open(sys.argv[1]))
meta = data['snapshot']['meta']
def turn(fields, numbers, new):
    width, out = len(fields), []
    for i in range(0, len(numbers), width):
        record = numbers[i:i + width]
        out += [7] + record[::-1] if new else record[::-1]
    return ([new] if new else []) + fields[::-1], out
width = len(meta['node_fields'])
meta['node_fields'], data['nodes'] = turn(meta['node_fields'], data['nodes'], 'colour')
meta['node_types'] = ['number'] + (meta['node_types'] + ['number'] * width)[:width][::-1]
meta['edge_types'] = meta['edge_types'][::-1]
to = meta['edge_fields'].index('to_node')
edges = data['edges']
for i in range(to, len(edges), 3):
    edges[i] = edges[i] // width * (width + 1)
meta['edge_fields'], data['edges'] = turn(meta['edge_fields'], edges, None)
for i in range(0, len(data.get('locations', [])), 4):
    data['locations'][i] = data['locations'][i] // width * (width + 1)
json.dump(data, open('turned.heapsnapshot', 'w'))
PY
    "$HEAPSCAN" --format=ndjson "$file" | grep -v '"kind":"\(header\|trailer\)"' >plain
    "$HEAPSCAN" --format=ndjson turned.heapsnapshot 2>said | grep -v '"kind":"\(header\|trailer\)"' >again
    cmp plain again
    grep -q 'node field "colour": not known' said
    run "$HEAPSCAN" -q --format=ndjson turned.heapsnapshot
    [[ "$output" != *colour\"* ]]
}
