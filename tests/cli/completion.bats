#!/usr/bin/env bats
# scripts/completions/heapscan: what bash offers, asked as bash asks.

ROOT=$BATS_TEST_DIRNAME/../..
BIN=$(cd "$ROOT" && cd "${BIN:-bin}" && pwd)

# offers WORD…: the last one is being typed. PROGRAM is the first.
offers() {
    PATH=$BIN:$PATH bash --norc -c '
        . "$1"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _heapscan "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}"' - "$ROOT/scripts/completions/heapscan" "$@" | LC_ALL=C sort -u
}

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

@test "every option of each program's help is offered" {
    for program in heapscan heapdiff heapreport heapcore; do
        offers $program -- | tr -d = | LC_ALL=C sort >offered
        # argp's own list of them
        "$BIN/$program" --usage | grep -o -- '--[a-z-]*' | LC_ALL=C sort -u >there
        [ "$(wc -l <there)" -gt 5 ]
        diff offered there
    done
}

@test "verbs, and the options of a verb" {
    [ "$(offers heapscan sus)" = suspects ]
    [ "$(offers heapscan dominators --fol)" = --folded ]
    [ -z "$(offers heapscan path --fol)" ]
    [ -z "$(offers heapscan core sus)" ]
}

@test "the words that an option takes" {
    [ "$(offers heapscan --color = al)" = always ]
    [ "$(offers heapscan path --index = | tr '\n' ' ')" = 'always auto never refresh ' ]
    [ "$(offers heapdiff --format = ju)" = junit ]
    [ "$(offers heapscan --sort = '' | tr '\n' ' ')" = 'bytes count name retained ' ]
}

@test "files, with blanks in their names" {
    touch 'core 1' other
    [ "$(offers heapscan co)" = 'core 1' ]
    [ "$(offers heapdiff --ignore = oth)" = other ]
}
