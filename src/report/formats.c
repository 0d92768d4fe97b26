/* formats.c: the formats of reports: their names, their files, what each is for. */
#include "trawl/report.h"

#include <fcntl.h>
#include <sys/stat.h>

const struct report_format_row report_format_table[] = {
    {"jsonl", REPORT_JSONL, {"report.jsonl"}, "findings, one JSON line each: the complete record"},
    {"csv", REPORT_CSV, {"report.csv"}, "findings for spreadsheets, a row for each place"},
    {"html", REPORT_HTML, {"report.html"}, "findings and totals for people"},
    {"vics", REPORT_VICS, {"report.vics.json"}, "findings as a Project VIC case (VICS 2.0 JSON) for grading tools"},
    {"c4p", REPORT_C4P, {"report.c4p.xml"}, "findings as C4P/C4All XML (UTF-16), for older grading tools"},
    {"case", REPORT_CASE, {"report.case.jsonld"}, "findings as CASE/UCO JSON-LD"},
    {"cybertip",
     REPORT_CYBERTIP,
     {"report.cybertip.xml"},
     "findings as CyberTipline fileDetails, for a reporter's tool"},
    {"bodyfile", REPORT_BODYFILE, {"report.bodyfile"}, "findings for time lines (mactime)"},
    {"md5", REPORT_MD5, {"hits-exact.md5.txt", "hits-near.md5.txt"}, "MD5 of findings, one a line (X-Ways)"},
    {"md5sum",
     REPORT_MD5SUM,
     {"hits-exact.md5sum", "hits-near.md5sum"},
     "MD5 and place of findings (hfind, md5sum -c)"},
    {"kdb", REPORT_KDB, {"hits-exact.kdb", "hits-near.kdb"}, "MD5 of findings as a hash database (Autopsy, hfind)"},
    {"dfxml", REPORT_DFXML, {"inventory.dfxml"}, "every file found, as DFXML"},
    {"hashdeep", REPORT_HASHDEEP, {"inventory.hashdeep"}, "every file found, as hashdeep -a reads it"},
    {"sqlite", REPORT_SQLITE, {"case.sqlite"}, "every file found and every finding, as an SQLite database"},
};
const size_t report_format_table_size = sizeof(report_format_table) / sizeof(report_format_table[0]);

static bool is_file(int dirfd, const char *name)
{
    struct stat st;
    return name && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

unsigned report_present(int dirfd)
{
    unsigned present = 0;
    for (size_t i = 0; i < report_format_table_size; i++)
        if (is_file(dirfd, report_format_table[i].files[0]) || is_file(dirfd, report_format_table[i].files[1]))
            present |= report_format_table[i].bit;
    return present;
}
