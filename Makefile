# trawl: build, tests, benchmarks.   make [V=1] [BUILD=dir] [CC=clang] [SAN=address|thread]
#
#   make         the program: ./trawl
#   make demo    installs what is missing, builds, scans a small evidence set, shows the first findings
#   make test    likewise, then every test
#   make check-asan check-tsan fuzz bench stress     longer lanes, each in a build folder of its own

CC      ?= gcc
SAN     ?=
BUILD   ?= build/$(if $(SAN),$(SAN),release)
PREFIX  ?= /usr/local

CSTD    := -std=c11 -D_GNU_SOURCE
# -ffp-contract=off: a fused multiply-add rounds otherwise, and PDQ must be the same at every SIMD level.
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
SANFLAGS.address := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DTRAWL_SANITIZED
SANFLAGS.thread  := -fsanitize=thread -fno-omit-frame-pointer -DTRAWL_SANITIZED
ALLCFLAGS = $(CSTD) $(CFLAGS) $(WARN) -ffp-contract=off -fstack-protector-strong -fPIE -pthread -Iinclude -Isrc $(SANFLAGS.$(SAN)) $(EXTRA)
LDFLAGS ?=
ALLLDFLAGS = -pie -pthread -Wl,-z,relro,-z,now $(SANFLAGS.$(SAN)) $(LDFLAGS)
LIBS    := -larchive -ljpeg -lpng -lz -lcrypto -lseccomp -lm

Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '%-6s %s\n' "$(1)" "$(2)";)

SRC := \
	src/core/alloc.c src/core/buf.c src/core/escape.c src/core/limits.c src/core/status.c src/core/where.c src/core/cpu.c \
	src/core/sorter.c src/core/item.c src/core/budget.c src/core/progress.c src/core/crc32c.c \
	src/simd/level.c src/simd/kernels.c src/simd/scalar.c src/simd/sse41.c src/simd/avx2.c src/simd/avx512.c \
	src/hash/digest.c src/hash/weights.c src/hash/pdq.c src/hash/pdq_reference.c \
	src/decode/decode.c src/decode/jpeg.c src/decode/png.c src/decode/exif.c \
	src/source/type.c src/source/sniff.c src/source/directory.c src/source/unpack.c src/source/libarchive.c src/source/zip.c \
	src/match/hashset.c src/match/list.c src/match/list_lines.c src/match/list_csv.c src/match/list_hashdeep.c \
	src/match/exact.c src/match/near.c src/match/index.c \
	src/sandbox/zygote.c src/sandbox/message.c src/sandbox/policy.c src/sandbox/selftest.c src/sandbox/warm_up.c src/sandbox/slot.c \
	src/sandbox/channel.c src/sandbox/decoder.c src/sandbox/decoder_child.c src/sandbox/unpacker.c src/sandbox/unpacker_child.c \
	src/journal/format.c src/journal/journal.c src/journal/recover.c \
	src/report/report.c src/report/inventory.c src/report/findings.c src/report/jsonl.c src/report/csv.c src/report/html.c \
	src/report/summary.c src/report/case_info.c \
	src/scan/scan.c src/scan/worker.c src/scan/source.c src/scan/case.c \
	src/cli/options.c src/cli/help.c src/cli/cmd_scan.c src/cli/cmd_list.c src/cli/cmd_match.c src/cli/cmd_report.c
SRC := $(wildcard $(SRC))
OBJ := $(SRC:%.c=$(BUILD)/%.o)
LIB := $(BUILD)/libtrawl.a

TESTSRC := $(sort $(shell find tests -name 'test_*.c' 2>/dev/null))
TESTOBJ := $(TESTSRC:%.c=$(BUILD)/%.o)

.PHONY: all clean
all: trawl

trawl: $(BUILD)/trawl
	$(Q)cp $< $@

$(BUILD)/trawl: $(BUILD)/src/main.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit: $(TESTOBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS) -lcriterion

clean:
	rm -rf build trawl

-include $(OBJ:.o=.d) $(TESTOBJ:.o=.d) $(BUILD)/src/main.d
