#!/usr/bin/env bats
# The command lines of the verbs; what they find is tested on real cores (tests/cores/alive.py).

SCAN=${HEAPSCAN:-$BATS_TEST_DIRNAME/../../bin/heapscan}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    echo 'no core' >core
}

@test "each verb has help of its own" {
    for verb in path retainers dominators suspects; do
        run "$SCAN" $verb --help
        [ "$status" -eq 0 ]
        [[ $output == *"heapscan $verb"* && $output == *--format* ]]
    done
    run "$SCAN" path --help
    [[ $output == *--max* && $output != *--folded* ]]
}

@test "heapscan --help names each verb, in lines of a terminal" {
    run "$SCAN" --help
    [ "$status" -eq 0 ]
    for verb in path retainers dominators suspects export; do
        [[ $output == *$'\n'"  heapscan $verb CORE"* ]]
    done
    for line in "${lines[@]}"; do [ "${#line}" -le 80 ]; done
}

@test "wrong usage: exit 64 and a sentence" {
    for line in 'path' 'path core' 'path core xyz' 'suspects core 0x10' 'dominators core 0x10 0x20' 'path --folded core 0x10' \
        'retainers --depth=x core 0x10' 'dominators --format=xml core'; do
        run "$SCAN" $line
        [ "$status" -eq 64 ]
        [ -n "$output" ]
    done
}

@test "a file that is no core: exit 2 and one sentence" {
    for line in 'path core 0x10' 'retainers core 0x10' 'dominators core' 'suspects core'; do
        run "$SCAN" $line
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ $output == "heapscan: "*core* ]]
    done
}
