# trawl: build, tests, benchmarks.   make [V=1] [BUILD=dir] [CC=clang] [SAN=address|thread]
#
#   make         the program: ./trawl
#   make demo    installs what is missing, builds, scans a small evidence set, shows the first findings
#   make test    likewise, then every test
#   make check-asan check-tsan check-clang     longer lanes, each in a build folder of its own
#   make bench [bench-digests bench-match]     kernels, look-ups, whole scans beside peers; bench-compare BASE=rev: beside another revision
#   make bench-scale [SOURCES="name=path ..."]     what a scan costs by content; shards of a petabyte, by simulation; merging 4,096
#   make bench-screen PICTURES=DIR     screening against exact hashes over one's own JPEGs: distances, matches lost, time
#   make check-fls IMAGES=DIR    disk images of one's own: names and digests beside those of fls and icat
#   make stress  faults in numbers: kill -9, full disks, bad sectors, failing calls, a decoder that misbehaves; some 90 minutes
#   make stress-rematch  trawl match CASE of 10 million pictures against 100,000 entries: its time; 3 GB of disk
#   make stress-merge    trawl merge of 10 million lines: its memory and time; 22 GB of disk
#   make fuzz [SECONDS=60] [TARGET=name]     libFuzzer over each parser; what it finds stays in build/fuzz/found
#   make install [PREFIX=dir] [DESTDIR=dir]          the program, its manual page, completions for bash, scripts, units of systemd
#   make man format clean help

CC      ?= gcc
SAN     ?=
MOCK    ?=
BUILD   ?= build/$(if $(SAN),$(SAN),release)$(if $(MOCK),-mock)
PREFIX  ?= /usr/local

CSTD    := -std=c11 -D_GNU_SOURCE
# -ffp-contract=off: a fused multiply-add rounds otherwise, and PDQ must be the same at every SIMD level.
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
SANFLAGS.address := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DTRAWL_SANITIZED
SANFLAGS.thread  := -fsanitize=thread -fno-omit-frame-pointer -DTRAWL_SANITIZED
SANFLAGS.fuzzer  := -fsanitize=fuzzer-no-link $(SANFLAGS.address)
ALLCFLAGS = $(CSTD) $(CFLAGS) $(WARN) -ffp-contract=off -fstack-protector-strong -fPIE -pthread -Iinclude -Isrc -I/usr/include/libxml2 $(TESTINC) $(SANFLAGS.$(SAN)) $(HAVE) $(if $(MOCK),-DTRAWL_MOCK) $(DEFS) $(EXTRA)
LDFLAGS ?=
ALLLDFLAGS = -pie -pthread -Wl,-z,relro,-z,now $(SANFLAGS.$(SAN)) $(LDFLAGS)
# SQLite is linked in where there is an archive of it: it then costs the start of the program nothing that can be measured.
SQLITE  := $(or $(filter /%,$(shell $(CC) -print-file-name=libsqlite3.a)),-lsqlite3)
LIBS    := -lyajl -lxml2 $(SQLITE) -larchive -ljpeg -lpng -lz -ldeflate -lisal -lcrypto -lseccomp -lm

# Pictures read by a library that a build may lack: where its header is absent, or by WITHOUT="heif jxl". One word of FORMATS
# is src/decode/WORD.c, -DHAVE_WORD (in capitals), its headers and what to link; such a type is then "unsupported".
FORMATS := heif jp2 jxl gif webp tiff
HDR.tiff := __has_include(<tiffio.h>)
LIB.tiff := -ltiff
HDR.webp := __has_include(<webp/demux.h>)
LIB.webp := -lwebpdemux -lwebp
HDR.gif  := __has_include(<gif_lib.h>)
LIB.gif  := -lgif
HDR.heif := __has_include(<libheif/heif.h>) && __has_include(<dav1d/dav1d.h>)
LIB.heif := -lheif
HDR.jp2  := __has_include(<openjpeg-2.5/openjpeg.h>)
LIB.jp2  := -lopenjp2
HDR.jxl  := __has_include(<jxl/decode.h>)
LIB.jxl  := -ljxl
WITHOUT ?=
PRESENT := $(shell { $(foreach f,$(filter-out $(WITHOUT),$(FORMATS)),printf '\043if %s\n%s\n\043endif\n' '$(HDR.$f)' $f;) true; } | $(CC) -E -P -xc - 2>/dev/null)
HAVE    := $(shell echo $(PRESENT) | tr a-z A-Z | sed 's/[A-Z0-9][A-Z0-9]*/-DHAVE_&/g')
LIBS    += $(foreach f,$(PRESENT),$(LIB.$f))
# A build folder knows what it was built with.
$(shell mkdir -p $(BUILD) && { echo '$(PRESENT)' | cmp -s - $(BUILD)/formats || echo '$(PRESENT)' >$(BUILD)/formats; })

# Readers whose libraries are many: rows marked .heavy. Their files are linked into trawl-readers and the tests, not into trawl.
# One word of READERS is -DHAVE_WORD, its headers, its files, and what to link.
READERS := disk video
HDR.video := __has_include(<libavformat/avformat.h>) && __has_include(<libavcodec/avcodec.h>)
SRC.video := src/video/reader.c src/video/input.c src/video/track.c src/video/luma.c src/video/cover.c src/video/declared.c src/video/subtitle.c
LIB.video := -lavformat -lavcodec -lavutil
HDR.raster := __has_include(<libavcodec/avcodec.h>) && __has_include(<libswscale/swscale.h>)
SRC.raster := src/decode/raster.c
LIB.raster := -lswscale -lavcodec -lavutil
READERS += raster
READERS += ole pdf sqlite mail pst
INC.ole := $(shell pkg-config --cflags libgsf-1 2>/dev/null)
HDR.ole := $(if $(INC.ole),__has_include(<libgsf-1/gsf/gsf.h>),0)
SRC.ole := src/document/ole.c src/document/ole_stream.c src/document/blip.c
LIB.ole := -lgsf-1 -lgobject-2.0 -lglib-2.0
HDR.pdf := __has_include(<qpdf/qpdf-c.h>)
SRC.pdf := src/document/pdf.c src/document/pdf_image.c
LIB.pdf := -lqpdf
HDR.sqlite := __has_include(<sqlite3.h>)
SRC.sqlite := src/document/sqlite.c src/document/sqlite_vfs.c
LIB.sqlite := $(SQLITE)
INC.mail := $(shell pkg-config --cflags gmime-3.0 2>/dev/null)
HDR.mail := $(if $(INC.mail),__has_include(<gmime-3.0/gmime/gmime.h>),0)
SRC.mail := src/document/mail.c src/document/mail_sink.c src/document/charsets.c
HDR.pst := __has_include(<libpff.h>) && __has_include(<libbfio.h>)
SRC.pst := src/document/pst.c src/document/pst_file.c
LIB.pst := -lpff -lbfio
LIB.mail := -lgmime-3.0 -lgobject-2.0 -lglib-2.0
HDR.disk := __has_include(<tsk/libtsk.h>) && __has_include(<zstd.h>)
LIB.disk := -ltsk -lzstd
SRC.disk := src/disk/disk.c src/disk/whole.c src/disk/units.c src/disk/volumes.c src/disk/nested.c src/disk/filesystem.c src/disk/names.c src/disk/optical.c src/disk/file.c src/disk/stream.c src/disk/exfat.c src/disk/unallocated.c src/disk/slack.c src/disk/carved.c \
	src/disk/medium.c src/disk/medium_raw.c src/disk/medium_ewf.c src/disk/ewf_case.c src/disk/ewf_salvage.c src/disk/medium_ewf2.c src/disk/ewf2_case.c src/disk/medium_aff.c src/disk/medium_vmdk.c src/disk/vmdk_text.c \
	src/disk/medium_vhd.c src/disk/medium_vhdx.c src/disk/medium_qcow.c src/disk/medium_vdi.c src/disk/medium_cdraw.c src/disk/medium_parallels.c src/disk/medium_dmg.c
READY   := $(shell { $(foreach f,$(filter-out $(WITHOUT),$(READERS)),printf '\043if %s\n%s\n\043endif\n' '$(HDR.$f)' $f;) true; } | $(CC) -E -P -xc - 2>/dev/null)
HAVE    += $(shell echo $(READY) | tr a-z A-Z | sed 's/[A-Z0-9][A-Z0-9]*/-DHAVE_&/g')
HEAVYLIBS = $(foreach f,$(READY),$(LIB.$f))
HEAVYOBJ  = $(patsubst %.c,$(BUILD)/%.o,$(foreach f,$(READY),$(SRC.$f)))
$(shell echo '$(READY)' | cmp -s - $(BUILD)/readers || echo '$(READY)' >$(BUILD)/readers)

Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '%-6s %s\n' "$(1)" "$(2)";)

# One a line, in the order of the map in src/main.c.
SRC := \
	src/core/alloc.c \
	src/core/buf.c \
	src/core/escape.c \
	src/core/limits.c \
	src/core/status.c \
	src/core/origin.c \
	src/core/facts.c \
	src/core/where.c \
	src/core/camera.c \
	src/core/cpu.c \
	src/core/cgroup.c \
	src/core/sorter.c \
	src/core/spill.c \
	src/core/still.c \
	src/core/item.c \
	src/core/item_encode.c \
	src/core/item_decode.c \
	src/core/item_glance.c \
	src/core/item_json.c \
	src/core/budget.c \
	src/core/progress.c \
	src/core/crc32c.c \
	src/core/io.c \
	src/core/video.c \
	src/core/match_video.c \
	src/simd/level.c \
	src/simd/kernels.c \
	src/simd/scalar.c \
	src/simd/sse41.c \
	src/simd/avx2.c \
	src/simd/avx512.c \
	src/simd/magics.c \
	src/simd/digest_avx2.c \
	src/simd/digest_avx512.c \
	src/simd/digest_fused.c \
	src/hash/digest.c \
	src/hash/digest_many.c \
	src/hash/digest_state.c \
	src/hash/sha256.c \
	src/hash/weights.c \
	src/hash/pdq.c \
	src/hash/pdq_bits.c \
	src/hash/pdq_reference.c \
	src/decode/decode.c \
	src/decode/sink.c \
	src/decode/exif.c \
	src/decode/extras.c \
	src/decode/embedded_jpeg.c \
	src/decode/embedded_exif.c \
	src/decode/embedded_photoshop.c \
	src/decode/ifd.c \
	src/decode/jpeg_extent.c \
	src/decode/raw.c \
	src/decode/jpeg.c \
	src/decode/jpeg_run.c \
	src/decode/jpeg_screen.c \
	src/decode/jpeg_pixels.c \
	src/decode/jpeg_scan.c \
	src/decode/jpeg_bits.c \
	src/decode/jpeg_huffman.c \
	src/decode/png.c \
	src/decode/png_chunks.c \
	src/decode/bmp.c \
	src/decode/bmp_header.c \
	src/decode/ico.c \
	src/decode/raster_rows.c \
	src/decode/heif.c \
	src/decode/heif_parts.c \
	src/decode/jp2.c \
	src/decode/jxl.c \
	src/decode/gif.c \
	src/decode/gif_frames.c \
	src/decode/webp.c \
	src/decode/webp_frames.c \
	src/decode/tiff.c \
	src/decode/tiff_samples.c \
	src/decode/tiff_render.c \
	src/decode/tiff_pages.c \
	src/decode/tiff_extras.c \
	src/source/type.c \
	src/source/sniff.c \
	src/source/sniff_archive.c \
	src/source/sniff_media.c \
	src/source/sniff_disk.c \
	src/source/sniff_text.c \
	src/source/directory.c \
	src/source/unpack.c \
	src/source/window.c \
	src/source/ranges.c \
	src/disk/row.c \
	src/source/libarchive.c \
	src/optical/store.c \
	src/optical/list.c \
	src/optical/deliver.c \
	src/optical/row.c \
	src/optical/udf.c \
	src/optical/udf_map.c \
	src/optical/udf_node.c \
	src/optical/udf_tree.c \
	src/optical/iso.c \
	src/optical/iso_record.c \
	src/optical/iso_folder.c \
	src/optical/rockridge.c \
	src/optical/el_torito.c \
	src/optical/zisofs.c \
	src/source/archive_entry.c \
	src/source/archive_end.c \
	src/source/warc.c \
	src/source/filter.c \
	src/source/stream_gzip.c \
	src/source/stream_compress.c \
	src/source/stream_libarchive.c \
	src/source/zip.c \
	src/source/zip_end.c \
	src/source/zip_plan.c \
	src/source/zip_gap.c \
	src/source/zip_member.c \
	src/source/zip_whole.c \
	src/source/zip_other.c \
	src/source/sniff_base64.c \
	src/video/video.c \
	src/carve/carve.c \
	src/carve/stream.c \
	src/carve/finders.c \
	src/carve/jpeg.c \
	src/carve/png.c \
	src/carve/gif.c \
	src/carve/riff.c \
	src/carve/bmp.c \
	src/carve/bmff.c \
	src/carve/j2k.c \
	src/carve/tiff.c \
	src/carve/mkv.c \
	src/carve/asf.c \
	src/carve/zip.c \
	src/carve/sevenzip.c \
	src/carve/pdf.c \
	src/carve/blob.c \
	src/document/deliver.c \
	src/document/thumbcache.c \
	src/document/thumbdata.c \
	src/document/base64.c \
	src/document/plist.c \
	src/document/rtf.c \
	src/document/ole1.c \
	src/document/uu.c \
	src/document/heavy.c \
	src/match/hash_type.c \
	src/match/hex.c \
	src/match/hashset.c \
	src/match/load.c \
	src/match/lookup.c \
	src/match/lookup_video.c \
	src/match/videos.c \
	src/match/video_signal.c \
	src/match/list_vpdq.c \
	src/match/rows.c \
	src/match/list_info.c \
	src/match/list.c \
	src/match/list_lines.c \
	src/match/list_csv.c \
	src/match/list_hashdeep.c \
	src/match/list_json.c \
	src/match/json_entry.c \
	src/match/list_xml.c \
	src/match/list_sqlite.c \
	src/match/list_encase.c \
	src/match/list_hfind.c \
	src/match/list_foreign.c \
	src/match/hash_line.c \
	src/match/csv.c \
	src/match/columns.c \
	src/match/category_map.c \
	src/match/codes.c \
	src/match/labels.c \
	src/match/revisions.c \
	src/match/photodna.c \
	src/match/inflater.c \
	src/match/trust.c \
	src/match/diff.c \
	src/match/strings.c \
	src/match/builder.c \
	src/match/seal.c \
	src/match/part.c \
	src/match/table.c \
	src/match/near.c \
	src/match/near_probe.c \
	src/match/near_join.c \
	src/match/newer.c \
	src/match/hit_json.c \
	src/match/sieve.c \
	src/match/near_build.c \
	src/match/index.c \
	src/match/index_write.c \
	src/match/query.c \
	src/match/json.c \
	src/sandbox/zygote.c \
	src/sandbox/readers.c \
	src/sandbox/message.c \
	src/sandbox/policy.c \
	src/sandbox/selftest.c \
	src/sandbox/warm_up.c \
	src/sandbox/slot.c \
	src/sandbox/channel.c \
	src/sandbox/decoder.c \
	src/sandbox/decoder_child.c \
	src/sandbox/mock.c \
	src/sandbox/unpacker.c \
	src/sandbox/unpacker_child.c \
	src/journal/identity.c \
	src/journal/done.c \
	src/journal/format.c \
	src/journal/journal.c \
	src/journal/recover.c \
	src/report/report.c \
	src/report/nearby.c \
	src/report/flood.c \
	src/report/change.c \
	src/report/changes.c \
	src/report/verdict.c \
	src/report/transparency.c \
	src/report/spots.c \
	src/report/review.c \
	src/report/digest_key.c \
	src/report/inventory.c \
	src/report/media.c \
	src/report/finding.c \
	src/report/order.c \
	src/report/totals.c \
	src/report/output.c \
	src/report/text.c \
	src/report/jsonl.c \
	src/report/csv.c \
	src/report/html.c \
	src/report/html_page.c \
	src/report/html_preview.c \
	src/report/html_tool.c \
	src/report/html_rows.c \
	src/report/html_time.c \
	src/report/html_spots.c \
	src/report/html_chart.c \
	src/report/html_totals.c \
	src/report/html_lists.c \
	src/report/summary.c \
	src/report/case_info.c \
	src/report/formats.c \
	src/report/writing.c \
	src/export/words.c \
	src/export/vics.c \
	src/export/c4p.c \
	src/export/case_uco.c \
	src/export/cybertip.c \
	src/export/bodyfile.c \
	src/export/hit_list.c \
	src/export/dfxml.c \
	src/export/hashdeep.c \
	src/export/database.c \
	src/export/kdb.c \
	src/export/sqlite.c \
	src/scan/scan.c \
	src/scan/children.c \
	src/scan/scan_case.c \
	src/scan/scan_hash.c \
	src/scan/ask.c \
	src/scan/case.c \
	src/scan/case_read.c \
	src/scan/case_report.c \
	src/scan/case_cut.c \
	src/scan/case_totals.c \
	src/scan/recorder.c \
	src/scan/rules.c \
	src/scan/rematch.c \
	src/scan/scan_match.c \
	src/scan/match_pass.c \
	src/scan/found.c \
	src/scan/ask_back.c \
	src/scan/hide.c \
	src/scan/stack.c \
	src/scan/roots.c \
	src/scan/sources.c \
	src/scan/segments.c \
	src/scan/container.c \
	src/scan/part.c \
	src/scan/share.c \
	src/scan/pull.c \
	src/scan/ledger.c \
	src/scan/intake.c \
	src/scan/video.c \
	src/scan/content.c \
	src/scan/probe.c \
	src/scan/text.c \
	src/scan/evidence.c \
	src/scan/worker.c \
	src/scan/work.c \
	src/scan/examine.c \
	src/scan/picture.c \
	src/scan/embedded.c \
	src/scan/old_case.c \
	src/scan/run_mark.c \
	src/scan/seen.c \
	src/scan/since.c \
	src/scan/since_copy.c \
	src/scan/since_same.c \
	src/scan/hand.c \
	src/scan/ahead.c \
	src/scan/run_json.c \
	src/scan/metrics.c \
	src/scan/crash.c \
	src/scan/verify.c \
	src/scan/judge.c \
	src/scan/access.c \
	src/scan/purge.c \
	src/plan/plan_make.c \
	src/plan/plan_write.c \
	src/plan/plan_line.c \
	src/plan/plan_read.c \
	src/plan/shard.c \
	src/plan/planned.c \
	src/plan/shard_state.c \
	src/plan/plan_split.c \
	src/plan/ranges.c \
	src/plan/merge_ranges.c \
	src/plan/merge.c \
	src/plan/merge_parts.c \
	src/cli/cmd_plan.c \
	src/cli/options.c \
	src/cli/parse.c \
	src/cli/hint.c \
	src/cli/help.c \
	src/cli/man.c \
	src/cli/check.c \
	src/cli/cmd_scan.c \
	src/cli/cmd_list.c \
	src/cli/list_diff.c \
	src/cli/cmd_match.c \
	src/cli/cmd_report.c \
	src/cli/cmd_review.c \
	src/cli/formats.c
SRC := $(filter-out $(patsubst %,src/decode/%.c,$(filter-out $(PRESENT),$(FORMATS))),$(wildcard $(SRC)))
OBJ := $(SRC:%.c=$(BUILD)/%.o)
LIB := $(BUILD)/libtrawl.a

TESTSRC := $(sort $(shell find tests -name 'test_*.c' 2>/dev/null))
TESTOBJ := $(TESTSRC:%.c=$(BUILD)/%.o)
# Criterion aborts under TSan and leaks a little itself: under a sanitizer a header of the same name stands in for it.
ifneq ($(SAN),)
TESTOBJ += $(BUILD)/tests/shim/main.o
TESTINC := -Itests/shim
else
TESTLIB := -lcriterion
endif
TOOLOBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tools/*.c))
BENCH   := $(patsubst %.c,$(BUILD)/%,$(filter-out bench/screen%,$(wildcard bench/*.c)))
# Parsers that are fuzzed: tests/fuzz/fuzz_NAME.c
FUZZ    := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZOBJ := $(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%.o) $(BUILD)/tests/fuzz/replay.o
# Faults for tests/stress: calls that fail (preloaded), a decoder that misbehaves (the few files that know of it), helpers.
STRESSOBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/stress/shim_%,$(wildcard tests/stress/*.c)))
MOCKOBJ := $(patsubst src/%.c,$(BUILD)/mock/%.o,$(shell grep -l 'sandbox/mock.h' $(filter-out src/disk/%,$(wildcard src/*/*.c))))
# ... and trawl-readers, whose disks do as well.
MOCKDISK := $(patsubst src/%.c,$(BUILD)/mock/%.o,$(shell grep -l 'sandbox/mock.h' src/disk/*.c))
STRESS  := $(BUILD)/faults $(BUILD)/trawl-mock $(BUILD)/readers-mock $(patsubst tests/stress/%.c,$(BUILD)/%.so,$(wildcard tests/stress/shim_*.c))
# Where a sanitizer writes; a file there is a failure even where the run went on.
SANLOG  = $(abspath $(BUILD))/log/san
SANENV  = ASAN_OPTIONS=log_path=$(SANLOG):detect_leaks=1 UBSAN_OPTIONS=log_path=$(SANLOG):print_stacktrace=1 \
	  TSAN_OPTIONS=log_path=$(SANLOG):halt_on_error=0:die_after_fork=0
MAKE_IN = $(MAKE) --no-print-directory
# As many at a time as there are processors, where nobody says otherwise.
BUILD_IN = $(MAKE_IN) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all clean demo test test-built stress stress-merge stress-rematch check-asan check-tsan check-clang sanitized fuzz bench bench-compare bench-match bench-digests bench-screen bench-scale check-fls install install-tools man format help
all: trawl trawl-readers

trawl trawl-readers: %: $(BUILD)/%
	$(Q)cp $< $@

$(BUILD)/trawl: $(BUILD)/src/main.o $(LIB) | $(BUILD)/trawl-readers
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

$(foreach f,$(READY),$(eval $(patsubst %.c,$(BUILD)/%.o,$(SRC.$f)): DEFS := $(INC.$f)))
$(BUILD)/tests/document/test_heavy.o: DEFS := $(INC.ole)
$(BUILD)/trawl-readers: $(BUILD)/src/readers/main.o $(HEAVYOBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(HEAVYLIBS) $(LIBS)

$(LIB): $(OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(patsubst %,$(BUILD)/%.o,src/decode/decode src/source/unpack $(PRESENT:%=src/decode/%)) $(filter $(BUILD)/tests/decode/%,$(TESTOBJ)): $(BUILD)/formats $(BUILD)/readers
$(BUILD)/src/report/html_page.o: src/report/page.css src/report/page.js src/report/preview.css src/report/preview.js
$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit: $(TESTOBJ) $(HEAVYOBJ) $(LIB) | $(BUILD)/trawl-readers
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(HEAVYLIBS) $(LIBS) $(TESTLIB)

# All targets in one program, each under a name of its own, for any compiler.
ifneq ($(SAN),fuzzer)
$(BUILD)/tests/fuzz/fuzz_%.o: DEFS = -DLLVMFuzzerTestOneInput=$(notdir $*)
endif
$(BUILD)/tests/fuzz/replay.o: DEFS = '-DFUZZ_TARGETS=$(patsubst %,X(%),$(FUZZ))'
$(BUILD)/tests/fuzz/replay.o: $(wildcard tests/fuzz/fuzz_*.c)
$(BUILD)/fuzz_replay: $(FUZZOBJ) $(HEAVYOBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(HEAVYLIBS) $(LIBS)

# fuzz_seeds tests/fuzz/seeds writes the seeds anew.
$(BUILD)/fuzz_seeds: $(BUILD)/tests/fuzz/make_seeds.o $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/seeds_*.c)) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

$(FUZZ:%=$(BUILD)/fuzz_%): $(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(HEAVYOBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -fsanitize=fuzzer -o $@ $^ $(HEAVYLIBS) $(LIBS)

$(BUILD)/make_evidence: $(TOOLOBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

# FAISS stands beside the own look-ups where it is installed (Debian: libfaiss-dev).
FAISS   := $(if $(wildcard /usr/include/faiss/IndexBinaryHash.h),$(BUILD)/bench/peers/faiss.o)
$(BUILD)/bench/peers/faiss.o: bench/peers/faiss.cpp bench/peers/faiss.h
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -O2 -fopenmp -fPIE -Ibench -c -o $@ $<
$(BUILD)/bench/match.o: DEFS = -Ibench
$(BUILD)/bench/match: $(FAISS)
$(BUILD)/bench/match: LIBS += $(if $(FAISS),-lfaiss -llapack -lblas -lstdc++ -lgomp -lm)
bench-match: $(BUILD)/bench/match
	@$<

# Screening against exact hashes, over a folder of pictures of one's own: minutes.
bench-screen: $(BUILD)/bench/screen
	@$< $(PICTURES)

$(BUILD)/bench/screen: $(BUILD)/bench/screen.o $(BUILD)/bench/screen_edit.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

$(BENCH): $(BUILD)/bench/%: $(BUILD)/bench/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/faults: $(STRESSOBJ) $(BUILD)/tools/pack.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/trawl-mock: $(BUILD)/src/main.o $(MOCKOBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/readers-mock: $(BUILD)/src/readers/main.o $(MOCKOBJ) $(MOCKDISK) $(filter-out $(MOCKDISK:$(BUILD)/mock/%=$(BUILD)/src/%),$(HEAVYOBJ)) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALLLDFLAGS) -o $@ $^ $(HEAVYLIBS) $(LIBS)

$(BUILD)/mock/%.o: src/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -DTRAWL_MOCK -MMD -MP -c -o $@ $<

$(BUILD)/shim_%.so: tests/stress/shim_%.c tests/stress/shim.h
	$(call say,LD,$@)
	$(Q)$(CC) $(CSTD) $(CFLAGS) $(WARN) -fPIC -shared -pthread -o $@ $< -ldl

demo:
	@tools/deps.sh
	@$(BUILD_IN) all $(BUILD)/make_evidence
	@tools/demo.sh $(BUILD)

test:
	@tools/deps.sh test
	@$(BUILD_IN) all $(BUILD)/unit $(BUILD)/fuzz_replay $(BUILD)/make_evidence $(STRESS)
	@$(MAKE_IN) test-built

# All suites run, whatever the first one says.
test-built: $(STRESS)
	@status=0; $(BUILD)/unit || status=1; $(BUILD)/fuzz_replay tests/fuzz/seeds || status=1; tests/golden/run.sh $(BUILD) || status=1; STRESS_QUICK=1 tests/stress/run.sh $(BUILD) || status=1; exit $$status

check-fls: $(BUILD)/trawl $(BUILD)/trawl-readers
	@tests/disk/fls.py $(BUILD)/trawl $(IMAGES)/*

stress: $(BUILD)/trawl $(BUILD)/make_evidence $(STRESS)
	@tests/stress/run.sh $(BUILD)

stress-merge: $(BUILD)/trawl $(BUILD)/bench/parts
	@bench/merge.sh $(BUILD)
# 10 million stored hashes against 100,000 entries.
stress-rematch: $(BUILD)/trawl $(BUILD)/bench/rematch
	@bench/rematch.sh $(BUILD)

check-asan:
	@$(MAKE_IN) SAN=address sanitized

check-tsan:
	@$(MAKE_IN) SAN=thread sanitized

sanitized: $(BUILD)/trawl $(BUILD)/unit $(BUILD)/fuzz_replay $(BUILD)/make_evidence
	@rm -rf $(BUILD)/log && mkdir -p $(BUILD)/log
	@export $(SANENV) GOLDEN_QUICK=1; $(MAKE_IN) test-built
	@! ls $(SANLOG).* 2>/dev/null || { head -n 40 $(SANLOG).*; echo "$(SAN): the sanitizer found something (logs above)"; exit 1; }
	@echo "$(SAN): clean"

check-clang:
	@$(BUILD_IN) CC=clang BUILD=build/clang CFLAGS="-O2 -g -Werror" build/clang/trawl build/clang/unit build/clang/fuzz_replay build/clang/make_evidence
	@$(MAKE_IN) CC=clang BUILD=build/clang GOLDEN_QUICK=1 test-built

fuzz:
	@command -v clang >/dev/null || { echo "make fuzz needs clang (Debian 12: clang libclang-rt-14-dev)" >&2; exit 1; }
	@$(MAKE_IN) CC=clang SAN=fuzzer BUILD=build/fuzz $(patsubst %,build/fuzz/fuzz_%,$(or $(TARGET),$(FUZZ)))
	@tests/fuzz/run.sh build/fuzz $(or $(SECONDS),60) $(or $(TARGET),$(FUZZ))

# Kernels, look-ups, digests, then whole scans beside the peers that are installed; figures in bench/results.
bench: $(BENCH) $(BUILD)/trawl
	@mkdir -p bench/results
	$(BUILD)/bench/kernels | tee bench/results/kernels.txt
	$(BUILD)/bench/digests | tee bench/results/digests.txt
	$(BUILD)/bench/carve | tee bench/results/carve.txt
	$(BUILD)/bench/match | tee bench/results/match.txt
	@tail -n 1 bench/results/match.txt >bench/results/match.json
	bench/pipeline.sh $(BUILD)

bench-compare: $(BUILD)/trawl
	@test -n "$(BASE)" || { echo "make bench-compare BASE=revision" >&2; exit 1; }
	bench/compare.sh $(BUILD) $(BASE)

$(BUILD)/bench/shards: LIBS += -lm
bench-scale: $(BUILD)/bench/shards $(BUILD)/bench/parts $(BUILD)/trawl
	bench/scale.sh $(BUILD) $(SOURCES)
	$(BUILD)/bench/shards | tee bench/results/shards.txt
	bench/tree.sh $(BUILD)

bench-digests: $(BUILD)/bench/digests
	$<

man: $(BUILD)/trawl.1
$(BUILD)/trawl.1: $(BUILD)/trawl
	$(call say,MAN,$@)
	$(Q)$< --man >$@

install: trawl trawl-readers man install-tools
	install -D -m 755 trawl $(DESTDIR)$(PREFIX)/bin/trawl
	install -D -m 755 trawl-readers $(DESTDIR)$(PREFIX)/bin/trawl-readers
	install -D -m 644 $(BUILD)/trawl.1 $(DESTDIR)$(PREFIX)/share/man/man1/trawl.1
	./trawl --completion >$(BUILD)/trawl.bash
	install -D -m 644 $(BUILD)/trawl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/trawl

# Scripts, and the units of systemd, which look for them where they are.
install-tools:
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin tools/trawl-nightly tools/trawl-spread tools/slurm/trawl-slurm
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/trawl/slurm tools/slurm/shard.sbatch tools/slurm/merge.sbatch
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for u in service timer; do sed 's|/usr/local/bin|$(PREFIX)/bin|' "tools/systemd/trawl-nightly@.$$u" >"$(DESTDIR)$(PREFIX)/lib/systemd/system/trawl-nightly@.$$u"; done

format:
	clang-format -i $$(find include src tests tools bench -name '*.[ch]')

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

clean:
	rm -rf build trawl trawl-readers

-include $(OBJ:.o=.d) $(HEAVYOBJ:.o=.d) $(BUILD)/src/readers/main.d $(TESTOBJ:.o=.d) $(FUZZOBJ:.o=.d) $(TOOLOBJ:.o=.d) $(STRESSOBJ:.o=.d) $(MOCKOBJ:.o=.d) $(MOCKDISK:.o=.d) $(BENCH:=.d) $(BUILD)/bench/screen.d $(BUILD)/src/main.d
