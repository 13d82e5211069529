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
