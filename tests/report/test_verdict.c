#include "fixture.h"

#include "json.h"
#include "report/verdict.h"

Test(verdict, words_of_people_and_tools)
{
    static const char *const words[VERDICTS][4] = {
        {"", "maybe", "confirmed!", "x"},
        {"confirmed", "TRUE", "yes", "1"},
        {"Rejected", "false positive", "FP", "0"},
        {"unsure", "?", "Unknown", "undecided"},
    };
    for (int v = 0; v < VERDICTS; v++)
        for (int i = 0; i < 4; i++)
            cr_assert_eq(verdict_from_word(words[v][i], strlen(words[v][i])), (enum verdict)v, "%s", words[v][i]);
}

/** Values out of the literature: Newcombe 1998, table I, method 3. */
Test(verdict, wilson)
{
    static const struct {
        uint64_t hits, n;
        double low, high;
    } cases[] = {{81, 263, 0.2553, 0.3662},
                 {15, 148, 0.0624, 0.1605},
                 {0, 20, 0, 0.1611},
                 {1, 29, 0.0061, 0.1718},
                 {5, 5, 0.5655, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        double low, high;
        wilson_interval(cases[i].hits, cases[i].n, &low, &high);
        cr_assert(low > cases[i].low - 0.00006 && low < cases[i].low + 0.00006, "%zu: %f", i, low);
        cr_assert(high > cases[i].high - 0.00006 && high < cases[i].high + 0.00006, "%zu: %f", i, high);
    }
}

/** Contents 0 to 5: by MD5 on zeta, 3 to 5 near on alpha as well; 6 has no digest. */
static void make(unsigned i, struct item *item)
{
    item->where = host_file(&"abcdefg"[i]);
    item->type = TYPE_JPEG;
    if (i == 6) {
        set_pdq(item, 90, true);
        add_match(item, HASH_PDQ, 15, 1, "alpha.csv", "9", "");
        return;
    }
    set_digests(item, i);
    if (i < 5)
        add_match(item, HASH_MD5, 0, 1, "zeta.txt", "1", "");
    if (i >= 3) {
        set_pdq(item, 90, true);
        add_match(item, HASH_PDQ, 4, 1, "alpha.csv", "2", "");
        add_match(item, HASH_PDQ, 6, 1, "alpha.csv", "3", "");
    }
}

static const struct said {
    unsigned content;
    enum verdict verdict;
} said[] = {{1, VERDICT_REJECTED}, {77, VERDICT_REJECTED}, {3, VERDICT_REJECTED},  {1, VERDICT_CONFIRMED},
            {4, VERDICT_UNSURE},   {5, VERDICT_CONFIRMED}, {77, VERDICT_CONFIRMED}};

static int add_said(const void *context, struct sorter *out)
{
    int error = 0;
    for (size_t i = 0; i < *(const size_t *)context && !error; i++) {
        struct item item = {0};
        set_digests(&item, said[i].content);
        error = verdict_add(out, item.digests.sha256, said[i].verdict);
    }
    return error;
}

Test(verdict, joins_findings_and_counts_them_by_kind)
{
    size_t n = sizeof(said) / sizeof(*said);
    struct folder folder = folder_make();
    struct case_info info = info_make(NULL, 0);
    struct case_end end = {.complete = true, .verdicts = add_said, .verdict_context = &n};
    struct maker maker = maker_of(make, 7);
    struct report_totals totals;
    cr_assert_eq(report_write_bounded(folder.fd, &info, &end, REPORT_DEFAULT, &maker.source, 4096, &totals), 0);
    struct buf file = folder_read(&folder, "transparency.json"), lines = folder_read(&folder, "report.jsonl");
    const char *text = buf_str(&file);
    cr_assert(json_valid(text) || strstr(text, "0."), "%s", text);
    static const char *const wanted[] = {
        "\"unique_contents\": 7, \"places\": 7, \"demoted\": 0,\n    \"all\": {\"findings\": 7, \"confirmed\": 2, "
        "\"rejected\": 1, \"unsure\": 1, \"false_positive_ratio\": 0.333333, \"interval\": [0.061492, 0.792340]}",
        "\"md5\": {\"findings\": 5, \"confirmed\": 1, \"rejected\": 1, \"unsure\": 1, \"false_positive_ratio\": "
        "0.500000",
        "\"pdq\": {\"findings\": 4, \"confirmed\": 1, \"rejected\": 1, \"unsure\": 1,",
        "\"exact\": {\"findings\": 5,",
        "\"near 0-10\": {\"findings\": 1, \"confirmed\": 1, \"rejected\": 0,",
        "\"near 11-20\": {\"findings\": 1, \"confirmed\": 0,",
        "{\"list\": \"zeta.txt\", \"total\": {\"findings\": 5,",
        "{\"list\": \"alpha.csv\", \"total\": {\"findings\": 4, \"confirmed\": 1, \"rejected\": 1, \"unsure\": 1,",
        "{\"technology\": \"pdq\", \"distance\": \"near 0-10\", \"count\": {\"findings\": 3, \"confirmed\": 1, "
        "\"rejected\": 1,",
        "{\"technology\": \"pdq\", \"distance\": \"near 11-20\", \"count\": {\"findings\": 1,",
        "\"review\": {\"verdicts\": 5, \"without_a_finding\": 1,",
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        text = strstr(text, wanted[i]);
        cr_assert_not_null(text, "%s in %s", wanted[i], buf_str(&file));
    }
    cr_assert_null(strstr(buf_str(&file), "known.txt\", \"total\""), "lists to ignore find nothing");
    unsigned told = 0;
    for (const char *at = buf_str(&lines); (at = strstr(at, "\"verdict\":\"")) != NULL; at++)
        told++;
    cr_assert_eq(told, 4);
    buf_free(&file);
    buf_free(&lines);
    folder_remove(&folder);
    case_info_clear(&info);
}
