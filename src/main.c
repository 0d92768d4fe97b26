/*
 * main.c: prepares the process and calls a command. Below: the map of the tree, in the order of the calls.
 *
 *   evidence -> source -> unpack child -> item -> worker -> decode child -> match -> journal -> reports
 *               (walk)    (sandboxed)           (digests)  (sandboxed)      (lists)
 *
 * The architecture is in include/trawl/: scan where origin item status limits type unpack decode pdq digest match
 * journal report.
 *
 * The command line
 *   cli/options.c              the tables: options, commands, exit statuses
 *   cli/parse.c                argv to struct cli, by the table
 *   cli/hint.c                 the nearest word to a mistyped one
 *   cli/help.c                 --help and --version, out of the tables
 *   cli/formats.c              --formats: what this build reads
 *   cli/man.c                  the manual page and completions, likewise
 *   cli/check.c                what a scan refuses before it reads anything
 *   cli/cmd_scan.c             trawl scan, trawl hash
 *   cli/cmd_list.c             trawl list build, info
 *   cli/list_diff.c            trawl list diff
 *   cli/cmd_match.c            trawl match
 *   cli/cmd_report.c           trawl report, trawl verify
 *   cli/cmd_review.c           trawl review, trawl purge
 *   cli/cmd_plan.c             trawl plan, trawl merge, and the options of shards
 *
 * The line: the only folder that knows all stages
 *   scan/scan.c                zygote, lists, case, workers, reports: one after the other
 *   scan/children.c            which zygote forks the child for a type
 *   scan/scan_case.c           the scan into a case: opened, gone on with, ended
 *   scan/scan_hash.c           the same without lists and case
 *   scan/ask.c                 what the run was asked, for the journal
 *   scan/case.c                the case folder: made, opened, locked
 *   scan/case_read.c           ... its journal, read back
 *   scan/case_report.c         ... and reported
 *   scan/case_cut.c            where trees that are too much end
 *   scan/case_totals.c         what a case's summary.json says that it came to
 *   scan/verify.c              derives the reports again and compares
 *   scan/judge.c               trawl review: verdicts into the journal
 *   scan/access.c              who ran what on a case
 *   scan/purge.c               trawl purge
 *   scan/crash.c               writes down at which item this process crashed
 *   scan/stack.c               open sources, and which worker pulls from which
 *   scan/roots.c               the source of sources: what the command line names
 *   scan/sources.c             ... by their names
 *   scan/segments.c            files beside a split image that go on with it
 *   scan/container.c           an open container: its life
 *   scan/part.c                ... and what one unpacker reads of it
 *   scan/share.c               ... where other shards read the rest of it
 *   scan/pull.c                ... and its members, out of an unpacker
 *   scan/ledger.c              how much comes out of one tree of containers
 *   scan/intake.c              one member, from the channel to the worker's slot
 *   scan/video.c               the frames of an open video
 *   scan/hand.c                small items, hashed together
 *   scan/ahead.c               ... and their pictures decoded, several in a round trip
 *   scan/worker.c              one item, from its bytes to its record
 *   scan/work.c                what every stage may do with the item in hand
 *   scan/content.c             an item's bytes, wherever they are
 *   scan/probe.c               ... whether files begin in the middle of one
 *   scan/text.c                whether a text is worth a reader's child
 *   scan/evidence.c            reads the host's files around bad sectors
 *   scan/examine.c             type, digests, exact matches, what is inside
 *   scan/rules.c               what lists make of an item: the line asks, and rematch
 *   scan/rematch.c             other lists for what a journal kept
 *   scan/scan_match.c          trawl match CASE
 *   scan/match_pass.c          ... one reading of its journal, a million hashes at a time
 *   scan/found.c               ... what was found, by place
 *   scan/ask_back.c            ... what its scan was asked
 *   scan/picture.c             screening hash, wider look-up, exact hash
 *   scan/embedded.c            the pictures inside a picture's file
 *   scan/seen.c                what decoding gave before, by content
 *   scan/since.c               --since: what the walk meets, beside what an older case says
 *   scan/since_same.c          ... whether it is the same
 *   scan/since_copy.c          ... and its records, copied
 *   scan/old_case.c            the older case: a row for each file
 *   scan/run_mark.c            when a run began, and of which build it was
 *   scan/hide.c                --minimise: what the journal must not say
 *   scan/recorder.c            to the journal, or for trawl hash to a sorter
 *   scan/run_json.c            run.json
 *   scan/metrics.c             the same for Prometheus
 *
 * Several machines
 *   plan/plan_make.c           trawl plan: the walk, in order, cut into units
 *   plan/plan_split.c          ... and containers into parts
 *   plan/plan_write.c          ... as lines
 *   plan/plan_line.c           one line, read back
 *   plan/plan_read.c           ... and whether all of them are a plan
 *   plan/shard.c               which units are whose
 *   plan/planned.c             a shard's files, as the walk would have met them
 *   plan/shard_state.c         what became of a shard
 *   plan/ranges.c              what a shard knows of a container that several read
 *   plan/merge_ranges.c        ... and what all of them know together
 *   plan/merge.c               trawl merge: a case out of those of shards
 *   plan/merge_parts.c         ... which of them are taken
 *
 * Children that parse what is foreign
 *   sandbox/zygote.c           forked first; forks and reaps all children
 *   sandbox/readers.c          the second zygote: where, when, and whether it is the right one
 *   readers/main.c             ... that program itself, trawl-readers: libraries that are slow to start
 *   sandbox/policy.c           what a child may still do: seccomp, Landlock, limits
 *   sandbox/selftest.c         proof at every start that the sandbox holds
 *   sandbox/warm_up.c          loads what cannot be loaded behind the sandbox
 *   sandbox/message.c          a packet with descriptors over a socket
 *   sandbox/slot.c             the bytes of one item, shown to a child read-only
 *   sandbox/channel.c          members on their way out of an unpacker
 *   sandbox/unpacker.c         an unpacker, seen from its worker
 *   sandbox/unpacker_child.c   ... from inside
 *   sandbox/decoder.c          a decoder, seen from its worker
 *   sandbox/decoder_child.c    ... from inside
 *   sandbox/mock.c             ... misbehaving on demand, in test builds
 *
 * Where files come from
 *   source/directory.c         walks folders, follows nothing
 *   source/type.c              names and classes of types
 *   source/sniff.c             what the bytes are: the magic numbers ...
 *   source/sniff_archive.c     ... and what must be true behind those of archives
 *   source/sniff_media.c       ... of pictures and video
 *   source/sniff_disk.c        ... of partition tables and file systems
 *   source/sniff_text.c        ... and the formats that are text
 *   source/sniff_base64.c      ... and whether text may hold files
 *   source/unpack.c            the table of readers
 *   source/libarchive.c        tar 7z rar cab cpio lha xar ar
 *   source/warc.c              WARC, record by record
 *   source/archive_entry.c     one of their members
 *   source/archive_end.c       how far the archive in a file explains it
 *   source/filter.c            containers of one stream, and the tar inside
 *   source/stream_gzip.c       gzip
 *   source/stream_compress.c   compress
 *   source/stream_libarchive.c bzip2 xz lzma lzip zstd lz4
 *   source/zip.c               zip, by its central directory
 *   source/zip_end.c           the record at its end
 *   source/zip_plan.c          ranges of it that several readers take
 *   source/zip_member.c        one entry
 *   source/zip_whole.c         ... in one go, where all is well
 *   source/zip_other.c         an entry of another method than deflate
 *   source/zip_gap.c           what no central directory lists
 *   source/window.c            a container's bytes by pread
 *   source/ranges.c            which of them are accounted for
 *
 * Optical discs
 *   optical/row.c              an image of one, as a file
 *   optical/list.c             all its trees, put together
 *   optical/store.c            what is known of it so far: paths, files, their pieces
 *   optical/deliver.c          its files, each a member
 *   optical/iso.c              ISO 9660: its volume descriptors
 *   optical/iso_folder.c       ... the folders of a tree
 *   optical/iso_record.c       ... one entry of a folder
 *   optical/rockridge.c        ... and what Rock Ridge adds to it
 *   optical/el_torito.c        ... boot images that no tree names
 *   optical/zisofs.c           its files that are packed
 *   optical/udf.c              UDF: from the anchor to the partitions
 *   optical/udf_map.c          ... blocks of partitions of every kind
 *   optical/udf_node.c         ... a file entry, and where its bytes are
 *   optical/udf_tree.c         ... the names
 *
 * Documents and stores that hold pictures
 *   document/deliver.c         what their readers share: numbered members, names
 *   document/thumbcache.c      thumbnails of Windows
 *   document/thumbdata.c       ... of Android
 *   document/base64.c          files in text: data URLs, vCards, JSON, XML
 *   document/plist.c           property lists
 *   document/rtf.c             rich text
 *   document/ole1.c            objects of the first OLE in it, and packages
 *   document/uu.c              files in the text of a mail
 *   document/heavy.c           the rows of those below
 *   document/ole.c             OLE files: thumbnails, Office before 2007, messages
 *   document/ole_stream.c      ... what is in their streams
 *   document/blip.c            ... the pictures of Office's drawings
 *   document/pdf.c             PDF: pictures as they are stored, attachments
 *   document/pdf_image.c       ... and those that are stored as samples
 *   document/sqlite.c          databases: their values
 *   document/sqlite_vfs.c      ... the container as their file
 *   document/mail.c            mail, and folders of it
 *   document/mail_sink.c       ... a part on its way out
 *   document/charsets.c        ... whatever its headers are written in
 *   document/pst.c             stores of Outlook
 *   document/pst_file.c        ... the container as their file
 *
 * What no reader explains
 *   carve/carve.c              files by their content, out of any bytes
 *   carve/stream.c             ranges of a medium, read as one
 *   carve/finders.c            what is looked for
 *   carve/jpeg.c               JPEG, to its last marker
 *   carve/png.c                PNG, chunk by chunk
 *   carve/gif.c                GIF
 *   carve/riff.c               WebP, AVI
 *   carve/bmp.c                BMP
 *   carve/bmff.c               MP4, MOV, HEIF, AVIF, JPEG 2000 and XL: boxes
 *   carve/j2k.c                JPEG 2000 without boxes
 *   carve/tiff.c               TIFF, by what its directories point to
 *   carve/mkv.c                Matroska, WebM
 *   carve/asf.c                ASF, FLV
 *   carve/zip.c                zip
 *   carve/sevenzip.c           7z
 *   carve/pdf.c                PDF
 *   carve/blob.c               opaque files; the rest of containers
 *
 * Disk images (in trawl-readers)
 *   disk/row.c                 their row in the table of readers
 *   disk/disk.c                what is read of an image, unit by unit
 *   disk/whole.c               the medium as a whole: its digests, and how it was acquired
 *   disk/units.c               ... cut so that several children read it
 *   disk/volumes.c             the table of volumes, and its gaps
 *   disk/nested.c              ... and a table within a volume
 *   disk/filesystem.c          opens a file system, or says why nobody can
 *   disk/names.c               all its names
 *   disk/optical.c             volumes that src/optical reads
 *   disk/file.c                one file: streams, times, what became of a deleted one
 *   disk/stream.c              ... and the bytes of a stream
 *   disk/exfat.c               ... how much of it was written, on exFAT
 *   disk/unallocated.c         what no file claims, for the carver
 *   disk/slack.c               ... and what stands behind the end of files
 *   disk/carved.c              ... and what the carver finds there
 *   disk/medium.c              bytes of the medium, whatever keeps them:
 *   disk/medium_raw.c          ... as they stand
 *   disk/medium_ewf.c          ... EnCase
 *   disk/ewf_case.c            ... and what it says of the case
 *   disk/ewf_salvage.c         ... chunks whose table is lost
 *   disk/medium_ewf2.c         ... its second version (Ex01)
 *   disk/ewf2_case.c           ... and what that says
 *   disk/medium_aff.c          ... AFF
 *   disk/medium_vmdk.c         ... VMware
 *   disk/vmdk_text.c           ... and its descriptor
 *   disk/medium_vhd.c          ... Virtual PC
 *   disk/medium_vhdx.c         ... Hyper-V
 *   disk/medium_qcow.c         ... QEMU
 *   disk/medium_vdi.c          ... VirtualBox
 *   disk/medium_cdraw.c        ... a CD, sectors with their checksums
 *   disk/medium_parallels.c    ... of Parallels
 *   disk/medium_dmg.c          ... of Apple: packed and sparse
 *
 * Pictures
 *   decode/decode.c            the table of decoders; what may cross the border
 *   decode/sink.c              rows on their way to the hash
 *   decode/jpeg.c              JPEG
 *   decode/jpeg_run.c          libjpeg without exits, with its losses counted
 *   decode/jpeg_screen.c       reduced luma for screening, without libjpeg:
 *   decode/jpeg_scan.c         ... the lowest coefficients of a scan
 *   decode/jpeg_huffman.c      ... several symbols a look-up
 *   decode/jpeg_bits.c         ... bits between two markers
 *   decode/jpeg_pixels.c       ... coefficients to pixels
 *   decode/png.c               PNG
 *   decode/png_chunks.c        chunks that claim more than they hold
 *   decode/gif.c               GIF
 *   decode/gif_frames.c        ... frames behind the first
 *   decode/webp.c              WebP
 *   decode/webp_frames.c       ... frames behind the first
 *   decode/tiff.c              TIFF
 *   decode/tiff_samples.c      ... grey, RGB, palettes, CMYK of any depth
 *   decode/tiff_render.c       ... the rest, by libtiff's renderer
 *   decode/tiff_pages.c        ... how many pages
 *   decode/tiff_extras.c       ... and what is in the others
 *   decode/heif.c              HEIF and AVIF
 *   decode/heif_parts.c        ... thumbnails and further pictures
 *   decode/jp2.c               JPEG 2000
 *   decode/jxl.c               JPEG XL
 *   decode/bmp.c               BMP
 *   decode/bmp_header.c        ... its headers, palette and masks
 *   decode/ico.c               icons and cursors
 *   decode/raster.c            PSD DDS PCX TGA PNM, by FFmpeg
 *   decode/raster_rows.c       ... their rows of the table
 *   decode/exif.c              the orientation, and the camera
 *   decode/extras.c            what else is in a picture's file, on its way out:
 *   decode/embedded_jpeg.c     ... in the markers of a JPEG
 *   decode/embedded_exif.c     ... in an EXIF block
 *   decode/embedded_photoshop.c  ... in image resources of Photoshop
 *   decode/jpeg_extent.c       ... where a JPEG among other bytes ends
 *   decode/raw.c               camera RAW: the JPEGs in it
 *   decode/ifd.c               the directories of TIFF and EXIF
 *
 * Videos
 *   video/video.c              the row: which types, by which demuxer
 *   video/reader.c             a video as a container; what its reading came to
 *   video/input.c              bytes for FFmpeg, and which of its parts are used
 *   video/track.c              one track: which frames are decoded and hashed
 *   video/luma.c               a frame's luma to its PDQ
 *   video/declared.c           how long the file says that it is
 *   video/cover.c              cover art and attachments
 *   video/subtitle.c           pictures of bitmap subtitles
 *
 * Hashes, and the inner loops at every SIMD level
 *   hash/digest.c              MD5, SHA-1, SHA-256 in one pass
 *   hash/digest_many.c         ... of many files at once: which lane takes which
 *   hash/digest_state.c        ... how a message begins and ends
 *   hash/sha256.c              SHA-256 of short things: keys, links of the journal
 *   hash/pdq.c                 PDQ as a banded product, row by row
 *   hash/weights.c             the bands: both filters and the decimation
 *   hash/pdq_bits.c            cosine transform, median, quality, stability
 *   hash/pdq_reference.c       the reference's own sums, where bits hang on rounding
 *   simd/level.c               which level is in force
 *   simd/kernels.c             the table of kernels
 *   simd/scalar.c              what each kernel is; the others are equal to it
 *   simd/sse41.c               4 lanes
 *   simd/avx2.c                8 lanes
 *   simd/avx512.c              16 lanes
 *   simd/magics.c              the first bytes of files, for scans over anything
 *   simd/digest_avx2.c         the digests of 8 messages side by side
 *   simd/digest_avx512.c       ... of 16
 *   simd/digest_fused.c        all three of one message, or of two, with the SHA extensions
 *
 * Lists
 *   match/load.c               from a path to a list of the set
 *   match/list_info.c          what is told of a list
 *   match/list.c               the table of text formats
 *   match/list_lines.c         one hash a line
 *   match/list_csv.c           tables with a header
 *   match/list_vpdq.c          the frames of one video, as vPDQ writes them
 *   match/video_signal.c       a video in a row, as python-threatexchange writes it
 *   match/list_hashdeep.c      hashdeep
 *   match/list_json.c          VICS and StopNCII: the stream of tokens ...
 *   match/json_entry.c         ... and what an entry of it says
 *   match/list_xml.c           NCMEC's hash sharing
 *   match/list_sqlite.c        NSRL RDSv3, Autopsy's .kdb
 *   match/list_encase.c        EnCase's .hash
 *   match/list_hfind.c         hfind's .idx
 *   match/list_foreign.c       what is refused in words
 *   match/rows.c               lines of a file, in bounded memory
 *   match/inflater.c           ... that is compressed
 *   match/trust.c              no list that others can write
 *   match/csv.c                fields of a row
 *   match/columns.c            what its columns hold
 *   match/category_map.c       what codes mean: built in, or read
 *   match/codes.c              ... those of one list
 *   match/labels.c             what entries have in common
 *   match/revisions.c          entries that a list takes back
 *   match/photodna.c           values that are only carried
 *   match/hash_line.c          one line in any form that tools write
 *   match/hex.c                digits
 *   match/hash_type.c          names and sizes of hash types
 *   match/strings.c            the texts of lists
 *   match/builder.c            collects entries
 *   match/seal.c               sorts them into a part
 *   match/part.c               a part: in memory, or mapped from an index
 *   match/index.c              the compiled index, opened and checked
 *   match/index_write.c        ... written
 *   match/hashset.c            all parts of a run
 *   match/lookup.c             from hashes to matches
 *   match/lookup_video.c       ... of a video, by its frames
 *   match/videos.c             the videos of a list
 *   match/table.c              exact look-up
 *   match/near.c               near look-up, exact like brute force
 *   match/near_probe.c         ... by the index
 *   match/near_join.c          which of very many hashes are near any of a list
 *   match/newer.c              entries that an older list has not
 *   match/hit_json.c           one hit of trawl match
 *   match/sieve.c              ... its innermost loop
 *   match/near_build.c         its arrays
 *   match/diff.c               two sets beside each other
 *   match/query.c              a line of trawl match
 *   match/json.c               ... that is JSON
 *
 * The record
 *   journal/journal.c          appends: checksum, chain, group commit
 *   journal/format.c           the bytes of a record
 *   journal/recover.c          reads back, and believes nothing
 *   journal/done.c             what a resumed scan need not do again
 *   journal/identity.c         which file of the host it was
 *
 * Reports: a pure function of the journal
 *   report/report.c            groups items by content, calls the writers
 *   report/nearby.c            what lies beside what: folders pass by as groups
 *   report/change.c            --since: what became of a file
 *   report/changes.c           ... of all, by path
 *   report/verdict.c           what people say of findings
 *   report/transparency.c      transparency.json
 *   report/flood.c             entries that hit too much
 *   report/spots.c             where to look first
 *   report/review.c            what to look at next
 *   report/digest_key.c        short keys for sorters
 *   report/finding.c           one content that is on a list, with its places
 *   report/order.c             which comes first
 *   report/inventory.c         inventory.jsonl
 *   report/media.c             disk images: acquired how, and sound or not
 *   report/jsonl.c             report.jsonl
 *   report/csv.c               report.csv
 *   report/html.c              report.html ...
 *   report/html_page.c         ... its style and script (page.css, page.js), and what it may load
 *   report/html_tool.c         ... the table of findings
 *   report/html_preview.c      ... --thumbnails: small pictures (preview.css, preview.js)
 *   report/html_rows.c         ... its rows
 *   report/html_time.c         ... time line and coverage
 *   report/html_spots.c        ... where to look first, what to review next
 *   report/html_totals.c       ... what was not examined, and totals
 *   report/html_lists.c        ... the lists
 *   report/html_chart.c        ... the bar charts
 *   report/summary.c           summary.json
 *   report/totals.c            sums
 *   report/case_info.c         what was asked, encoded
 *   report/text.c              foreign words in each medium
 *   report/output.c            written aside, synced, renamed
 *   report/formats.c           the formats' names and files
 *   report/writing.c           the table of writers and stores; all of them fed in one pass
 *   export/words.c             what exports have in common: places taken apart, times, identifiers
 *   export/vics.c              report.vics.json
 *   export/c4p.c               report.c4p.xml
 *   export/case_uco.c          report.case.jsonld
 *   export/cybertip.c          report.cybertip.xml
 *   export/bodyfile.c          report.bodyfile
 *   export/hit_list.c          hits-exact.*, hits-near.*
 *   export/dfxml.c             inventory.dfxml
 *   export/hashdeep.c          inventory.hashdeep
 *   export/database.c          SQLite on an output, without names, locks or clocks
 *   export/kdb.c               hits-exact.kdb, hits-near.kdb
 *   export/sqlite.c            case.sqlite
 *
 * What all stand on
 *   core/status.c              what became of a file
 *   core/limits.c              every bound on what evidence may cost
 *   core/where.c               the place of a file, through all layers
 *   core/origin.c              ... and what a file system knows of it beside
 *   core/facts.c               what a file says of itself
 *   core/item.c                one file found ...
 *   core/item_encode.c         ... to the bytes that the journal keeps
 *   core/item_decode.c         ... and back, believing nothing
 *   core/item_glance.c         ... or which one it is and what look-ups need, without taking it apart
 *   core/item_json.c           ... its line of JSON
 *   core/camera.c              what EXIF says of a camera
 *   core/video.c               one hashed frame of a video, and its words
 *   core/match_video.c         ... and what a match of it says
 *   core/escape.c              hostile names in each medium
 *   core/alloc.c               memory, or the end
 *   core/buf.c                 bytes that grow; encoded integers
 *   core/budget.c              bytes in flight
 *   core/progress.c            the status line
 *   core/sorter.c              sorts more than memory holds
 *   core/spill.c               ... on disk
 *   core/still.c               what a file system of SQLite must not do here
 *   core/io.c                  writes all bytes or says why not
 *   core/crc32c.c              the journal's checksum
 *   core/cpu.c                 CPUs and memory that may be used
 *   core/cgroup.c              ... as control groups have it
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

/** A closed descriptor 0, 1 or 2 would be given to the next file that is opened, and messages would end up in it. */
static void occupy_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
            abort();
}

/** Evidence is in this process's memory and output: no core dump, no debugger of the same user, no file for others. */
static void harden(void)
{
    const struct rlimit none = {0, 0};
    umask(077);
    setrlimit(RLIMIT_CORE, &none);
#ifndef TRAWL_SANITIZED /* the leak checker stops its own process as a debugger would */
    prctl(PR_SET_DUMPABLE, 0);
#endif
    /* A reader of our output that goes away is a write error (status 74), not a silent end. */
    signal(SIGPIPE, SIG_IGN);
    /* Likewise a file that outgrows RLIMIT_FSIZE. */
    signal(SIGXFSZ, SIG_IGN);
}

/** No result may depend on where it was made. */
static void fix_locale(void)
{
    if (!setlocale(LC_ALL, "C.UTF-8"))
        setlocale(LC_ALL, "C");
    /* Words of the system: in any other locale strerror() looks for a translation, which no child may open. */
    setlocale(LC_MESSAGES, "C");
    setenv("TZ", "UTC0", 1);
}

/** What can be asked for without a command. */
static const struct {
    const char *word;
    void (*print)(FILE *);
} prints[] = {
    {"--help", help_overview},   {"--version", help_version},
    {"--formats", help_formats}, {"-h", help_overview},
    {"-V", help_version},        {"help", help_overview},
    {"--man", help_man},         {"--completion", help_completion},
};
#define N_PRINTS (sizeof(prints) / sizeof(prints[0]))

static int unknown_command(const char *word)
{
    const char *hint = word_hint(word, (const char *const[]){"--help", "--version", "--formats", NULL});
    if (!hint)
        hint = command_hint(word);
    if (hint)
        return cli_usage("unknown %s %.60s; did you mean %s?", word[0] == '-' ? "option" : "command", word, hint);
    return cli_usage("unknown %s %.60s; see trawl --help", word[0] == '-' ? "option" : "command", word);
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct cli cli;
    int status = EXIT_USAGE;
    if (cli_parse(&cli, command, argc, argv)) {
        if (cli.help) {
            help_command(command, stdout);
            status = 0;
        } else {
            status = command->run(&cli);
        }
    }
    cli_free(&cli);
    return status;
}

static int run(int argc, char **argv)
{
    if (argc < 2)
        return cli_usage("no command given; see trawl --help");
    for (size_t i = 0; i < N_PRINTS; i++)
        if (strcmp(argv[1], prints[i].word) == 0) {
            prints[i].print(stdout);
            return 0;
        }
    const struct command *command = command_find(argv[1]);
    return command ? run_command(command, argc - 2, argv + 2) : unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    occupy_standard_descriptors();
    harden();
    fix_locale();
    int status = run(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && (status & ~3) == 0)
        status = cli_fail(EXIT_OUTPUT, "the output could not be written");
    return status;
}
