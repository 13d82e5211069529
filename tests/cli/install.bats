#!/usr/bin/env bats
# make install, make uninstall, make deb: what a user gets.

ROOT=$BATS_TEST_DIRNAME/../..

# The plain programs, whatever build is being tested.
setup() {
    cd "$ROOT" || return 1
    unset BUILD BIN MAKEFLAGS
}

@test "install puts programs, manuals and completions in their places; uninstall takes all of them away" {
    to=$BATS_TEST_TMPDIR/to
    make --silent install DESTDIR="$to" prefix=/usr
    for program in heapscan heapdiff heapreport heapcore heapscan-capture heapscan-nightly; do
        "$to/usr/bin/$program" --help >/dev/null
    done
    for page in man/*; do [ -s "$to/usr/share/man/man${page##*.}/${page##*/}" ]; done
    [ -s "$to/usr/share/bash-completion/completions/heapdiff" ]
    make --silent uninstall DESTDIR="$to" prefix=/usr
    [ -z "$(find "$to" -type f)" ]
}

@test "the Debian package: its programs run, its libraries are named" {
    package=$(make --silent deb | tail -n 1)
    dpkg-deb --extract "$package" "$BATS_TEST_TMPDIR/to"
    "$BATS_TEST_TMPDIR/to/usr/bin/heapscan" --version | grep -q heapscan
    zgrep -q heapscan "$BATS_TEST_TMPDIR/to/usr/share/man/man1/heapscan.1.gz"
    for library in libelf1 libjansson4 libsqlite3 libzstd1; do
        dpkg-deb --field "$package" Depends | grep -q $library
    done
    [ -z "$(dpkg-deb --contents "$package" | grep -v ' root/root ')" ]
}
