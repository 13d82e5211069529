#!/usr/bin/env bats
# Bad input that needs no real core of Node: exit status 2, one clear sentence, and the output file left alone.
# (Truncated cores, wrong binaries and unknown V8 versions need a core: tests/cores/badinput.py.)

HEAPSCAN=${HEAPSCAN:-$BATS_TEST_DIRNAME/../../bin/heapscan}
HEAPDIFF=${HEAPDIFF:-$BATS_TEST_DIRNAME/../../bin/heapdiff}

setup() { cd "$BATS_TEST_TMPDIR"; }

# refused FILE WORD…: as a source of heapscan, with and without -o
refused() {
    local file=$1 word
    shift
    echo "must stay" >precious
    run timeout 20 "$HEAPSCAN" --format=ndjson -o precious "$file"
    echo "status $status: $output"
    [ "$status" -eq 2 ]
    [ "${#output}" -gt 20 ]
    [ "${#lines[@]}" -le 3 ]
    for word in "$@"; do grep -qi -- "$word" <<<"$output"; done
    [ "$(cat precious)" = "must stay" ]
    run timeout 20 bash -c '"$1" --format=ndjson "$2" 2>/dev/null' - "$HEAPSCAN" "$file"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
}

# elf CLASS DATA TYPE MACHINE: the header of an ELF file with no segments
elf() {
    python3 - "$@" <<'PY'
import struct, sys
bits, data, kind, machine = map(int, sys.argv[1:])
order = '<' if data == 1 else '>'
word = 'Q' if bits == 2 else 'I'
sys.stdout.buffer.write(b'\x7fELF' + bytes([bits, data, 1]) + bytes(9)
    + struct.pack(order + f'HHI{word}{word}{word}IHHHHHH', kind, machine, 1, 0, 0, 0, 0, 64 if bits == 2 else 52, 56 if bits == 2 else 32, 0, 0, 0, 0))
PY
}

@test "not ELF" {
    head -c 100000 /dev/urandom | sed '1s/^/text/' >junk
    refused junk junk
}

@test "a text file" {
    echo "this is not a core" >notes.txt
    refused notes.txt notes.txt
}

@test "a short file with ELF's first bytes" {
    printf '\x7fELF' >short
    refused short short
}

@test "an executable instead of a core" {
    refused "$(readlink -f /bin/bash)" core
}

@test "an ELF core without segments" {
    elf 2 1 4 62 >hollow
    refused hollow hollow
}

@test "a 32-bit core" {
    elf 1 1 4 3 >core32
    refused core32 32
}

@test "a core of a machine that we do not know" {
    elf 2 2 4 21 >ppc
    refused ppc ppc
}

@test "an empty file" {
    : >empty
    refused empty empty
}

@test "a directory" {
    mkdir folder
    refused folder directory
}

@test "a file that is not there" {
    refused nowhere "nowhere does not exist"
}

@test "no permission to read" {
    echo x >secret
    chmod 000 secret
    if [ "$(id -u)" -ne 0 ]; then refused secret "may not be read"; return; fi
    chmod 755 .
    cp "$HEAPSCAN" ./scan   # the build folder may not be readable for others
    run setpriv --reuid=65534 --regid=65534 --clear-groups ./scan --format=ndjson secret
    echo "$status: $output"
    [ "$status" -eq 2 ]
    grep -qi "may not be read" <<<"$output"
}

@test "a core of another program" {
    command -v gcore >/dev/null || skip "no gcore"
    python3 -c 'import sys, time; print("up", flush=True); time.sleep(60)' >up 3>&- &
    local pid=$!
    until [ -s up ]; do sleep 0.05; done
    gcore -o core "$pid" >/dev/null 2>&1 3>&- || { kill "$pid"; skip "gcore cannot attach here"; }
    kill "$pid"
    fallocate -d "core.$pid" || true
    refused "core.$pid" python
}

@test "a compressed file that is cut off" {
    elf 2 1 4 62 | zstd -q >core.zst
    head -c 20 core.zst >cut.zst
    refused cut.zst zst
}

@test "usage errors are 64" {
    run "$HEAPSCAN" --no-such-option
    [ "$status" -eq 64 ]
    run "$HEAPSCAN"
    [ "$status" -eq 64 ]
    run "$HEAPSCAN" --format=yaml x
    [ "$status" -eq 64 ]
    run "$HEAPDIFF" --no-such-option
    [ "$status" -eq 64 ]
}

@test "names of files are escaped before they go to the terminal" {
    name=$'evil\x1b[31mname'
    echo x >"$name"
    run "$HEAPSCAN" "$name"
    [ "$status" -eq 2 ]
    ! grep -q $'\x1b' <<<"$output"
}

@test "heapdiff: no snapshot, cut off, not ours" {
    run bash -c ': | "$0" --format=ndjson' "$HEAPDIFF"
    echo "$status: $output"
    [ "$status" -eq 2 ]
    run bash -c 'echo "{\"kind\":\"header\",\"schema\":\"heapscan.snapshot/1\"}" | "$0" --format=ndjson' "$HEAPDIFF"
    echo "$status: $output"
    [ "$status" -eq 2 ]
    run bash -c 'echo "{\"kind\":\"header\",\"schema\":\"heapscan.snapshot/99\"}" | "$0" --format=ndjson' "$HEAPDIFF"
    echo "$status: $output"
    [ "$status" -eq 2 ]
    run bash -c 'echo "not json" | "$0" --format=ndjson' "$HEAPDIFF"
    echo "$status: $output"
    [ "$status" -eq 2 ]
    run "$HEAPDIFF" nowhere.hsnap nowhere2.hsnap
    [ "$status" -eq 2 ]
}
