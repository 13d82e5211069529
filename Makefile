# heapscan: what grows in the heap of a Node.js process, read from core dumps.
#
#   make demo          installs what is missing, builds, finds a planted leak in three cores of a sample program
#   make               builds bin/heapscan, bin/heapdiff and bin/heapreport
#   make check         installs what tests need, then runs every test on real cores of many Node releases
#   make check-quick   unit and command-line tests, and one real core: under a minute
#   make check-asan    the unit and command-line tests under ASan and UBSan
#   make bench         speed and memory on heaps of about 100 MB and 1 GB
#   make fuzz-smoke    every fuzz target for FUZZ_SECONDS (60)
#   make flips         builds build/flips/tests/cores/flip: a real core with random bytes changed, many times (ASan, UBSan)
#   make lint          format, static analysis, layers
#   make install       to DESTDIR/prefix (/usr/local); `make uninstall` takes it away again
#   make deb           a Debian package of it: build/heapscan_VERSION_ARCH.deb
#
# V=1 shows the commands; O=-O0 changes the optimisation; CC, CFLAGS, LDFLAGS as usual.

VERSION := 0.1.0

O        ?= -O2
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
CLANG    ?= clang
prefix   ?= /usr/local
bindir   ?= $(prefix)/bin
mandir   ?= $(prefix)/share/man
compdir  ?= $(prefix)/share/bash-completion/completions
BUILD    ?= build
BIN      ?= bin
SANITIZE ?=
WERROR   ?= -Werror
FUZZ_SECONDS ?= 60

WARN     := -Wall -Wextra -Wshadow -Wmissing-prototypes $(WERROR)
ALLFLAGS := -std=gnu11 $(O) -g $(WARN) $(SANITIZE) -Ilib -DHEAPSCAN_VERSION='"$(VERSION)"' -MMD -MP $(CFLAGS)
LIBS     := -lelf -lzstd -lz -ljansson -lxxhash -lsqlite3 -lpthread -lm

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

LIB_SRC      := $(sort $(wildcard lib/*/*.c))
UNIT_SRC     := $(sort $(wildcard tests/unit/*.c))
SUPPORT_SRC  := $(sort $(wildcard tests/support/*.c))
FUZZ_SRC     := $(sort $(wildcard tests/fuzz/fuzz_*.c))
PROGRAMS     := heapscan heapdiff heapreport heapcore
MAN          := $(sort $(wildcard man/*.1 man/*.5))
C_FILES      := $(sort $(wildcard lib/*.h lib/*/*.[ch] scan/*.[ch] diff/*.[ch] report/*.[ch] dump/*.[ch] tests/*/*.[ch]))

LIB          := $(BUILD)/libheapscan.a
object        = $(patsubst %.c,$(BUILD)/%.o,$(1))
UNIT         := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(UNIT_SRC))
FUZZ         := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC))

.PHONY: all demo check check-quick check-asan check-unit bench flips fuzz-smoke lint install uninstall deb clean tests bench-programs
.SECONDARY:
.DELETE_ON_ERROR:

all: $(addprefix $(BIN)/,$(PROGRAMS))

$(BIN)/heapscan: $(call object,$(sort $(wildcard scan/*.c)))
$(BIN)/heapdiff: $(call object,$(sort $(wildcard diff/*.c)))
REPORT_ASSETS := $(patsubst %,$(BUILD)/%.o,$(wildcard report/report.css report/report.js))
$(BIN)/heapreport: $(call object,$(sort $(wildcard report/*.c))) $(REPORT_ASSETS)
$(BIN)/heapcore: $(call object,$(sort $(wildcard dump/*.c)))
$(addprefix $(BIN)/,$(PROGRAMS)): $(LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALLFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

$(LIB): $(call object,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags | $(BUILD)/libraries
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLFLAGS) -c -o $@ $<

# A file that a program carries in itself, as an array of its bytes: report/report.css is report_css.
$(BUILD)/%.c: % scripts/embed
	@mkdir -p $(@D)
	$(call say,EMBED,$<)
	$(Q)scripts/embed $< >$@

$(REPORT_ASSETS): %.o: %.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLFLAGS) -Ireport -c -o $@ $<

# Built again when the compiler or its flags change.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','\'',$(ALLFLAGS) $(LDFLAGS))' | cmp -s - $@ || \
	 echo '$(CC) $(subst ','\'',$(ALLFLAGS) $(LDFLAGS))' > $@
FORCE:

# One sentence that says what is missing, instead of a compiler's page about a header.
$(BUILD)/libraries:
	@mkdir -p $(@D)
	$(Q)scripts/setup --check build && touch $@

demo:
	$(Q)scripts/setup build demo
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/demo $(SAMPLE)

# --- tests

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(call object,$(SUPPORT_SRC)) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALLFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) -lcmocka $(LIBS)

tests: all $(UNIT) $(BUILD)/tests/cores/threads $(BUILD)/tests/cores/retained $(BUILD)/tests/cores/flip \
       $(BUILD)/tests/cores/halt.so
# For a Node under test, whatever it is built with: no sanitizer, no library of ours.
$(BUILD)/tests/cores/halt.so: tests/cores/halt.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(filter-out -fsanitize%,$(ALLFLAGS)) -fPIC -shared -o $@ $<
$(BUILD)/tests/cores/%: $(BUILD)/tests/cores/%.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALLFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

check:
	$(Q)scripts/setup build test
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)BUILD=$(BUILD) BIN=$(BIN) tests/run layers unit cli capture browser cores

check-quick:
	$(Q)scripts/setup build test
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)BUILD=$(BUILD) BIN=$(BIN) tests/run layers unit cli cores-quick

check-asan:
	$(Q)scripts/setup build test
	$(Q)$(MAKE) --no-print-directory tests BUILD=$(BUILD)/asan BIN=$(BUILD)/asan/bin O=-O1 \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'
	$(Q)ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1 \
	    BUILD=$(BUILD)/asan BIN=$(BUILD)/asan/bin tests/run unit cli cores-quick

bench:
	$(Q)scripts/setup build bench
	$(Q)$(MAKE) --no-print-directory all bench-programs
	$(Q)BUILD=$(BUILD) BIN=$(BIN) tests/bench/run

bench-programs: $(BUILD)/tests/bench/sum $(BUILD)/tests/bench/pages $(BUILD)/tests/bench/stages $(BUILD)/tests/bench/history $(BUILD)/tests/bench/series
$(BUILD)/tests/bench/history: $(call object,tests/support/nights.c)
$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALLFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

# Every source is compiled a second time, by clang, into a directory of its own.
FUZZ_FLAGS := -std=gnu11 -O1 -g -Ilib -fno-omit-frame-pointer -DHEAPSCAN_VERSION='"$(VERSION)"' -MMD -MP
$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CLANG,$<)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<
$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o \
                      $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(LIB_SRC) $(SUPPORT_SRC))
	$(call say,LINK,$@)
	$(Q)$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $(filter %.o,$^) $(LIBS)

# Without a fuzzer's counters, and optimised: a run takes half the time.
flips:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/flips $(BUILD)/flips/tests/cores/flip \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'

fuzz-smoke:
	$(Q)scripts/setup build fuzz
	$(Q)$(MAKE) --no-print-directory $(FUZZ)
	$(Q)BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run fuzz

# cppcheck does not see that a callback returns before its argument dies, nor __attribute__((cleanup)).
NOT_SO := --suppress=returnDanglingLifetime --suppress=memleak:lib/elf/core_zst.c
lint:
	$(Q)scripts/setup lint
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	    --suppress=missingIncludeSystem $(NOT_SO) -Ilib lib scan diff report dump
	$(Q)scripts/check-layers
	$(Q)shellcheck scripts/capture scripts/nightly scripts/package
	$(Q)shellcheck --shell=bash scripts/completions/heapscan
	$(Q)for f in scripts/* tests/run tests/bench/run tests/cores/*.sh .ci/run; do \
	    case $$(head -n1 $$f 2>/dev/null) in *bash*) bash -n $$f || exit 1;; esac; done

# --- installation

install: all
	install -d '$(DESTDIR)$(bindir)' '$(DESTDIR)$(mandir)/man1' '$(DESTDIR)$(mandir)/man5' '$(DESTDIR)$(compdir)'
	install -m 755 $(addprefix $(BIN)/,$(PROGRAMS)) '$(DESTDIR)$(bindir)'
	install -m 755 scripts/capture '$(DESTDIR)$(bindir)/heapscan-capture'
	install -m 755 scripts/nightly '$(DESTDIR)$(bindir)/heapscan-nightly'
	for m in $(MAN); do install -m 644 $$m '$(DESTDIR)$(mandir)'/man$${m##*.}; done
	for p in $(PROGRAMS); do install -m 644 scripts/completions/heapscan '$(DESTDIR)$(compdir)'/$$p; done

uninstall:
	rm -f $(foreach p,$(PROGRAMS) heapscan-capture heapscan-nightly,'$(DESTDIR)$(bindir)/$(p)')
	rm -f $(foreach p,$(PROGRAMS),'$(DESTDIR)$(compdir)/$(p)')
	for m in $(MAN); do rm -f '$(DESTDIR)$(mandir)'/man$${m##*.}/$${m##*/}; done

deb: all
	$(Q)scripts/package $(VERSION) $(BUILD)

clean:
	rm -rf $(BUILD) $(BIN)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
