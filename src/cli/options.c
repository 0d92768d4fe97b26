/* options.c: the option table, the command table, and the setters of options that are not a plain value. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "match/hex.h"
#include "simd/level.h"

static bool set_type(struct cli *cli, const char *text, char *why, size_t why_size)
{
    cli->options.bare = hash_type_from_name(text, strlen(text));
    if (cli->options.bare != HASH_UNKNOWN)
        return true;
    snprintf(why, why_size, "no such type of hash: '%s' (md5, sha1, sha256, pdq or vpdq)", text);
    return false;
}

static bool set_decode(struct cli *cli, const char *text, char *why, size_t why_size)
{
    cli->options.decode_exact = strcmp(text, "exact") == 0;
    if (cli->options.decode_exact || strcmp(text, "fast") == 0)
        return true;
    snprintf(why, why_size, "'%s' is neither fast nor exact", text);
    return false;
}

static bool set_frames(struct cli *cli, const char *text, char *why, size_t why_size)
{
    for (int i = 0; i < VIDEO_NONE; i++)
        if (strcmp(text, video_frames_name((enum video_frames)i)) == 0) {
            cli->options.frames = (enum video_frames)i;
            return true;
        }
    snprintf(why, why_size, "'%s' is none of 1s, keyframes and all", text);
    return false;
}

static bool set_carve(struct cli *cli, const char *text, char *why, size_t why_size)
{
    static const char *const names[] = {
        [CARVE_NONE] = "none", [CARVE_MEDIA_BLOBS] = "media-blobs", [CARVE_ALL] = "all"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0) {
            cli->options.carve = (enum carve_mode)i;
            return true;
        }
    snprintf(why, why_size, "'%s' is none of none, media-blobs and all", text);
    return false;
}

static bool set_expected(struct cli *cli, const char *text, uint8_t *out, size_t n, bool *has, char *why,
                         size_t why_size)
{
    if (strlen(text) != 2 * n || !hex_decode((const uint8_t *)text, out, n)) {
        snprintf(why, why_size, "'%s' is not %zu hexadecimal digits", text, 2 * n);
        return false;
    }
    *has = cli->options.verify.wanted = true;
    return true;
}

static bool set_expect_md5(struct cli *cli, const char *text, char *why, size_t why_size)
{
    struct unpack_verify *verify = &cli->options.verify;
    return set_expected(cli, text, verify->md5, sizeof(verify->md5), &verify->has_md5, why, why_size);
}

static bool set_expect_sha1(struct cli *cli, const char *text, char *why, size_t why_size)
{
    struct unpack_verify *verify = &cli->options.verify;
    return set_expected(cli, text, verify->sha1, sizeof(verify->sha1), &verify->has_sha1, why, why_size);
}

static bool set_expect_sha256(struct cli *cli, const char *text, char *why, size_t why_size)
{
    struct unpack_verify *verify = &cli->options.verify;
    return set_expected(cli, text, verify->sha256, sizeof(verify->sha256), &verify->has_sha256, why, why_size);
}

static bool set_limit(struct cli *cli, const char *text, char *why, size_t why_size)
{
    return limits_parse(&cli->options.limits, text, why, (unsigned)why_size) == 0;
}

static unsigned report_format(const char *name, size_t n)
{
    unsigned all = 0;
    for (size_t i = 0; i < report_format_table_size; i++) {
        const struct report_format_row *row = &report_format_table[i];
        if (strlen(row->name) == n && memcmp(row->name, name, n) == 0)
            return row->bit;
        all |= row->bit;
    }
    return n == 3 && memcmp(name, "all", 3) == 0 ? all : 0;
}

static bool set_report(struct cli *cli, const char *text, char *why, size_t why_size)
{
    unsigned formats = 0;
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");
        unsigned bit = report_format(at, n);
        if (!bit) {
            snprintf(why, why_size,
                     "no such report: '%.*s' (jsonl, csv, html ..., separated by commas; --help has all)",
                     (int)(n < 60 ? n : 60), at);
            return false;
        }
        formats |= bit;
        at += n;
        if (!*at)
            break;
    }
    cli->options.formats = formats;
    return true;
}

static bool set_progress(struct cli *cli, const char *text, char *why, size_t why_size)
{
    static const char *const names[] = {
        [PROGRESS_AUTO] = "auto", [PROGRESS_ALWAYS] = "always", [PROGRESS_NEVER] = "never"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0) {
            cli->options.progress = (enum progress_mode)i;
            return true;
        }
    snprintf(why, why_size, "'%s' is none of auto, always and never", text);
    return false;
}

/** A level above the CPU's best is capped, so that one test script runs everywhere; --version and run.json name the
 * level in use. */
static bool set_simd(struct cli *cli, const char *text, char *why, size_t why_size)
{
    (void)cli;
    enum simd_level level = simd_level_from_name(text);
    if (level == SIMD_LEVEL_COUNT) {
        snprintf(why, why_size, "no such SIMD level: '%s' (scalar, sse4.1, avx2 or avx512)", text);
        return false;
    }
    simd_level_set(level);
    return true;
}

#define EVIDENCE       (FOR_SCAN | FOR_HASH)
#define WALKING        (EVIDENCE | FOR_PLAN)
#define MATCHING       (FOR_SCAN | FOR_MATCH)
#define AT(field)      offsetof(struct cli, field)
#define OF_SCAN(field) offsetof(struct cli, options.field)
#define MEMORY_MIN     (UINT64_C(1) << 20)
/** Threads beyond this help nobody: a decoder child comes with each. */
#define JOBS_MAX 1024

const struct option_row option_table[] = {
    {"list", 'l', "FILE", MATCHING, OPTION_TEXTS, AT(lists), 0, 0, NULL, "none: inventory only",
     "hash list or compiled index to match; repeatable"},
    {"known", 0, "FILE", MATCHING, OPTION_TEXTS, AT(known), 0, 0, NULL, NULL,
     "list of known, ignorable files: an exact hit is counted as suppressed and is not decoded; repeatable"},
    {"type", 0, "TYPE", FOR_SCAN | FOR_LIST | FOR_MATCH, OPTION_CUSTOM, 0, 0, 0, set_type, NULL,
     "type of bare hex lines in lists that do not say it: md5, sha1, sha256 or pdq (without it a bare line of 64 "
     "digits, "
     "SHA-256 or PDQ, is an error)"},
    {"map", 0, "MAP", FOR_SCAN | FOR_LIST | FOR_MATCH, OPTION_TEXTS, AT(maps), 0, 0, NULL, NULL,
     "columns of a table without names (md5=1,category=4), or what the codes of lists mean: vics-us, vics-uk, "
     "vics-old, "
     "ncmec, iwf, icse, tx, or a file of one's own; repeatable"},
    {"new-since", 0, "LIST", FOR_MATCH, OPTION_TEXT, AT(new_since), 0, 0, NULL, NULL,
     "match CASE: leave out entries that LIST (a hash list or index) has too"},
    {"name", 0, "NAME", FOR_LIST, OPTION_TEXT, AT(name), 0, 0, NULL, NULL,
     "what the list is called in reports (list build of one list); else it is its file name"},
    {"case", 'o', "DIR", MATCHING, OPTION_TEXT, OF_SCAN(case_dir), 0, 0, NULL, "./trawl-YYYYMMDD-HHMMSS",
     "the case folder; new, or unfinished (then the scan resumes); match: what `scan --since` makes of the case with "
     "the new lists"},
    {"case", 'o', "DIR", FOR_MERGE, OPTION_TEXT, OF_SCAN(case_dir), 0, 0, NULL, "./trawl-YYYYMMDD-HHMMSS",
     "the case folder that the parts are put together in; new, or one that such a merge left unfinished"},
    {"target-bytes", 0, "SIZE", FOR_PLAN, OPTION_SIZE, OF_SCAN(target_bytes), 1, UINT64_MAX, NULL, "16G",
     "what one unit of work weighs: the bytes of its files, and 32K for each; a larger file is a unit for itself"},
    {"plan", 0, "FILE", FOR_SCAN, OPTION_TEXT, AT(plan), 0, 0, NULL, NULL,
     "scan a share of what `trawl plan` wrote to FILE, instead of a SOURCE; -o is then ./part-I if not given"},
    {"shard", 0, "I/N", FOR_SCAN, OPTION_TEXT, AT(shard), 0, 0, NULL, NULL,
     "which share, counted from 0, of how many; auto/N: I is what SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or "
     "PARALLEL_SEQ (counted from 1) says"},
    {"since", 0, "CASE", FOR_SCAN, OPTION_TEXT, OF_SCAN(since), 0, 0, NULL, NULL,
     "an older case: its results are taken over for files that have not changed since then (device, inode, size, mtime "
     "and ctime are the same), which are not even opened; what is new, changed, gone or in doubt is told apart, and "
     "read"},
    {"recheck", 0, "PERCENT", FOR_SCAN, OPTION_NUMBER, OF_SCAN(recheck), 0, 100, NULL, "0",
     "with --since: read so many of the unchanged files all the same, others each night, and say where the bytes are "
     "not those of then"},
    {"output", 'o', "FILE", FOR_LIST, OPTION_TEXT, AT(output), 0, 0, NULL, NULL,
     "the index file that `list build` writes"},
    {"from", 0, "FILE", WALKING, OPTION_TEXT, OF_SCAN(from), 0, 0, NULL, NULL,
     "read sources from FILE, one a line; - is stdin"},
    {"null", '0', NULL, WALKING, OPTION_TRUE, OF_SCAN(from_nul), 0, 0, NULL, NULL,
     "sources in the --from file end with NUL, not newline"},
    {"jobs", 'j', "N", EVIDENCE | FOR_MATCH, OPTION_NUMBER, OF_SCAN(jobs), 1, JOBS_MAX, NULL,
     "CPUs of the affinity mask and cgroup quota", "worker threads"},
    {"memory", 'm', "SIZE", EVIDENCE, OPTION_SIZE, OF_SCAN(memory), MEMORY_MIN, UINT64_MAX, NULL,
     "a quarter of the memory it may use", "budget for evidence in flight"},
    {"max-distance", 0, "N", MATCHING, OPTION_NUMBER, OF_SCAN(max_distance), 0, 64, NULL, "31",
     "largest PDQ distance that counts as near (0..64)"},
    {"min-quality", 0, "N", MATCHING, OPTION_NUMBER, OF_SCAN(min_quality), 0, 100, NULL, "50",
     "PDQ quality under which a picture gets no near match (it is counted)"},
    {"flood", 0, "N", FOR_SCAN, OPTION_NUMBER, OF_SCAN(flood), 0, 1000000000, NULL, "250",
     "a list entry that is near to more than N different contents is demoted: its findings come last, and say so; 0: "
     "never"},
    {"file-share", 0, "N", MATCHING, OPTION_NUMBER, OF_SCAN(file_share), 0, 100, NULL, "80",
     "percent of a video's frames that must be near a listed video's"},
    {"list-share", 0, "N", MATCHING, OPTION_NUMBER, OF_SCAN(list_share), 0, 100, NULL, "0",
     "percent of a listed video's frames that must be near the file's"},
    {"decode", 0, "fast|exact", EVIDENCE, OPTION_CUSTOM, 0, 0, 0, set_decode, "scan: fast, hash: exact",
     "fast: hash a cheap decoding first, and exactly what comes near a list; exact: hash everything at full "
     "resolution"},
    {"frames", 0, "1s|keyframes|all", EVIDENCE, OPTION_CUSTOM, 0, 0, 0, set_frames, "1s",
     "frames of videos that are hashed; keyframes: nothing but key frames is decoded, in a fifth of the time; 1s: key "
     "frames, and one each second; all: all"},
    {"rotations", 0, NULL, EVIDENCE | FOR_MATCH, OPTION_TRUE, OF_SCAN(rotations), 0, 0, NULL, NULL,
     "look up each picture turned by 90, 180 and 270 degrees and mirrored as well; a match says how (hash: writes "
     "pdq_rotations, which match looks up)"},
    {"carve", 0, "WHAT", EVIDENCE, OPTION_CUSTOM, 0, 0, 0, set_carve, "media-blobs",
     "look for pictures, films, archives and documents by their content: none; media-blobs: in files that no reader of "
     "this build opens (opaque stores, dumps), where a first look at their bytes shows one; all: in pictures and films "
     "too, and in disk images behind the end of each file, in the clusters that it does not fill (slack)"},
    {"verify-evidence", 0, NULL, WALKING, OPTION_TRUE, OF_SCAN(verify.wanted), 0, 0, NULL, NULL,
     "compute MD5, SHA-1 and SHA-256 of the whole medium in each disk image, and compare them with those stored in it"},
    {"expect-md5", 0, "HEX", WALKING, OPTION_CUSTOM, 0, 0, 0, set_expect_md5, NULL,
     "MD5 that the medium must have; implies --verify-evidence"},
    {"expect-sha1", 0, "HEX", WALKING, OPTION_CUSTOM, 0, 0, 0, set_expect_sha1, NULL, "the same for SHA-1"},
    {"expect-sha256", 0, "HEX", WALKING, OPTION_CUSTOM, 0, 0, 0, set_expect_sha256, NULL, "the same for SHA-256"},
    {"no-decode-hits", 0, NULL, FOR_SCAN, OPTION_TRUE, OF_SCAN(no_decode_hits), 0, 0, NULL, NULL,
     "do not decode a picture whose digest is on a list: its line has no size in pixels, and near entries of other "
     "lists are not looked for"},
    {"thumbnails", 0, NULL, FOR_SCAN, OPTION_TRUE, OF_SCAN(thumbnails), 0, 0, NULL, NULL,
     "keep a small, grey, blurred preview of each picture that is on a list, and show it in report.html; never without "
     "this option; the case says that it was given, journal/access.log by whom"},
    {"limit", 0, "NAME=VALUE", WALKING, OPTION_CUSTOM, 0, 0, 0, set_limit, NULL,
     "set one limit of those below; repeatable"},
    {"report", 0, "FORMATS", FOR_SCAN | FOR_REPORT | FOR_MERGE, OPTION_CUSTOM, 0, 0, 0, set_report, "jsonl,csv,html",
     "reports to write, separated by commas, of those below, or all; those that the case has already are always "
     "written again"},
    {"no-inventory", 0, NULL, FOR_SCAN, OPTION_TRUE, OF_SCAN(no_inventory), 0, 0, NULL, NULL,
     "leave the names of files that match nothing out of all derived files"},
    {"minimise", 0, NULL, FOR_SCAN, OPTION_TRUE, OF_SCAN(minimise), 0, 0, NULL, NULL,
     "keep names and hashes of files that match nothing out of the case, its journal included: it knows them by "
     "digests "
     "under a key that is deleted when the scan is complete"},
    {"retain", 0, "DAYS", FOR_SCAN, OPTION_NUMBER, OF_SCAN(retain_days), 1, 36500, NULL, NULL,
     "days after its end that the case is kept: `trawl purge` deletes it then"},
    {"now", 0, NULL, FOR_PURGE, OPTION_TRUE, AT(now), 0, 0, NULL, NULL, "whatever --retain said"},
    {"no-sandbox", 0, NULL, WALKING, OPTION_TRUE, OF_SCAN(no_sandbox), 0, 0, NULL, NULL,
     "run where the kernel offers no sandbox: parsers are processes of their own, but not locked in; every report says "
     "so"},
    {"simd", 0, "LEVEL", EVIDENCE | FOR_MATCH, OPTION_CUSTOM, 0, 0, 0, set_simd, "best the CPU has",
     "cap the instructions used: scalar, sse4.1, avx2 or avx512"},
    {"metrics", 0, "FILE", FOR_SCAN, OPTION_TEXT, OF_SCAN(metrics), 0, 0, NULL, NULL,
     "write how the scan went for Prometheus, as node_exporter's textfile collector reads it; the file's name without "
     ".prom is the label `scan`"},
    {"progress", 0, "WHEN", EVIDENCE, OPTION_CUSTOM, 0, 0, 0, set_progress, "auto",
     "progress on stderr: auto (on a terminal), always or never"},
    {"quiet", 'q', NULL, FOR_ALL, OPTION_TRUE, OF_SCAN(quiet), 0, 0, NULL, NULL, "say nothing on stderr but errors"},
    {"verbose", 'v', NULL, FOR_ALL, OPTION_COUNT, OF_SCAN(verbose), 0, 0, NULL, NULL,
     "say more on stderr; twice: still more"},
    {"help", 'h', NULL, FOR_ALL, OPTION_TRUE, AT(help), 0, 0, NULL, NULL, "this text"},
};
const size_t option_table_size = sizeof(option_table) / sizeof(option_table[0]);

const struct command command_table[] = {
    {"scan", FOR_SCAN, "[options] SOURCE...", "read, hash, match, and write one prioritised report into a case folder",
     "Reads files, folders and archives nested in each other, hashes every file\n"
     "found, matches it against hash lists, and writes one report, most urgent\n"
     "findings first, into a case folder. SOURCE is a file (an archive, a picture,\n"
     "anything) or a folder. Symbolic links are never followed; FIFOs, sockets and\n"
     "devices are never opened, only recorded. Interrupted, it resumes when called\n"
     "again with the same case folder.\n",
     cmd_scan},
    {"hash", FOR_HASH, "[options] SOURCE...", "one JSON line per file found, to stdout; no matching",
     "Reads sources as `trawl scan` does and writes one JSON line per file found to\n"
     "stdout, in an order that depends on the input alone.\n",
     cmd_hash},
    {"list", FOR_LIST, "build -o INDEX LIST... | info FILE... | diff OLD NEW",
     "compile hash lists into one index file; describe one; compare two",
     "`list build` compiles hash lists into one index file that opens instantly and\n"
     "is given to -l like a list. `list info` describes lists and indexes. `list\n"
     "diff` says, a JSON line each, which hashes came, went, or are graded otherwise.\n"
     "Lists are told by what is in them: VICS 1.x and 2.0, NCMEC, StopNCII,\n"
     "python-threatexchange, NSRL RDS 2 and 3, ICSE, Autopsy .kdb, hfind .idx,\n"
     "EnCase, HashKeeper, hashdeep, md5sum and its kin, other tables; gzip, bzip2,\n"
     "xz or zstd around any of them.\n",
     cmd_list},
    {"match", FOR_MATCH, "[options] [FILE | CASE]", "match hashes instead of files",
     "Reads lines `TYPE HEX`, or the JSON lines of `trawl hash`, from FILE or stdin\n"
     "and writes one JSON line per hit to stdout. Of a case folder it matches all\n"
     "that was scanned against other lists, by the hashes in its journal: what they\n"
     "cannot tell is read again where it still lies there, else it is marked\n"
     "`unconfirmed`. Distances and qualities are then those of the case's scan.\n",
     cmd_match},
    {"report", FOR_REPORT, "[options] CASE", "write the reports again from a case, without any evidence",
     "Writes the derived files of a case folder again from its journal.\n", cmd_report},
    {"verify", FOR_VERIFY, "CASE", "say whether a byte of a case's journal or reports was changed",
     "Checks every record of the journal and its chain, derives the reports again\n"
     "and compares them with those in the folder. Says on stdout what it found.\n"
     "run.json is not derived from the journal and not compared.\n",
     cmd_verify},
    {"review", FOR_REVIEW, "CASE VERDICTS.csv", "take what people say of findings, count false positives",
     "VERDICTS.csv is a table with columns sha256 and verdict (confirmed, rejected or\n"
     "unsure), and reviewer if you like: report.csv with a column verdict will do.\n"
     "Rows without a verdict are passed over; of several on one content the last\n"
     "counts. They go into the case's journal; the reports are written again, and\n"
     "transparency.json, with false positives by technology, list and distance and\n"
     "Wilson's 95 % intervals, goes to stdout as well.\n",
     cmd_review},
    {"purge", FOR_PURGE, "[--now] CASE...", "delete cases whose time is over (scan --retain)",
     "Deletes the journal, the inventory and all reports of cases that were scanned\n"
     "with --retain DAYS and ended longer ago than that. transparency.json, which\n"
     "names no file, and journal/access.log, which tells who did what, are left.\n"
     "Files are unlinked, not overwritten: keep cases on an encrypted file system.\n",
     cmd_purge},
    {"plan", FOR_PLAN, "[options] SOURCE... > PLAN", "divide evidence into units, for several machines to scan",
     "Walks the sources as `trawl scan` does, reads nothing, and writes a plan to\n"
     "stdout: all files, in units of about the same weight. Then, on any machine that\n"
     "sees the same files under the same names,\n"
     "  trawl scan --plan PLAN --shard I/N -l LIST -o part-I\n"
     "scans the I-th of N shares, and `trawl merge` puts them together. All of them\n"
     "must be given the same options.\n",
     cmd_plan},
    {"merge", FOR_MERGE, "[options] -o CASE PART...", "put the cases of a plan's shards together",
     "PART is the case folder of a shard (trawl scan --plan), or one that is merged\n"
     "of several. They must be of one plan, with the same lists, options and version.\n"
     "A shard that is there twice counts once. If all shards are there and complete,\n"
     "all reports are byte for byte those of a scan by one machine; if not, they say\n"
     "which shards are missing, unfinished, damaged or stale, and are not complete.\n"
     "Merges of merges are the same as one of all. A merge that was interrupted is\n"
     "done again by the same command.\n",
     cmd_merge},
};
const size_t command_table_size = sizeof(command_table) / sizeof(command_table[0]);

#define READING (FOR_SCAN | FOR_HASH | FOR_REPORT | FOR_MERGE)
const struct exit_row exit_table[] = {
    {0, READING, "everything examined, no finding"},
    {EXIT_FINDINGS, READING, "findings"},
    {EXIT_UNEXAMINED, READING, "not everything could be examined (see summary.json)"},
    {EXIT_FINDINGS | EXIT_UNEXAMINED, READING, "both"},
    {0, FOR_MATCH, "no hit"},
    {EXIT_FINDINGS, FOR_MATCH, "hits"},
    {EXIT_UNEXAMINED, FOR_MATCH, "not every line holds a hash"},
    {EXIT_FINDINGS | EXIT_UNEXAMINED, FOR_MATCH, "both"},
    {0, FOR_LIST, "done"},
    {EXIT_FINDINGS, FOR_LIST, "diff: the lists are not the same"},
    {EXIT_UNEXAMINED, FOR_LIST, "done, but rows of the lists are no hashes"},
    {0, FOR_VERIFY, "journal and reports are as they were written"},
    {EXIT_UNEXAMINED, FOR_VERIFY, "something was changed, cut or removed"},
    {0, FOR_REVIEW, "done"},
    {EXIT_UNEXAMINED, FOR_REVIEW, "done, but rows of the table are no verdicts"},
    {0, FOR_PLAN, "the plan is whole"},
    {0, FOR_PURGE, "deleted"},
    {EXIT_UNEXAMINED, FOR_PURGE, "a case is to be kept longer, or nobody said how long"},
    {EXIT_USAGE, FOR_ALL, "wrong usage; nothing was read"},
    {EXIT_INTERNAL, FOR_ALL, "internal error"},
    {EXIT_OUTPUT, FOR_ALL, "the output could not be written; a case can be resumed"},
};
const size_t exit_table_size = sizeof(exit_table) / sizeof(exit_table[0]);
