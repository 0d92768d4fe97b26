/* html_page.c: what the page has besides its words: style and script, and the policy that allows these two and nothing
 * else. */
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "hash/openssl.h"
#include "report/html.h"

/** The bytes of a file of this folder, with a NUL behind them. */
#define EMBED(name, path)                                                                                              \
    __asm__(".pushsection .rodata\n.globl " #name "\n.type " #name ", @object\n" #name ":\n.incbin \"" path            \
            "\"\n.byte 0\n.size " #name ", .-" #name "\n.popsection\n")
EMBED(html_style, "src/report/page.css");
EMBED(html_script, "src/report/page.js");
EMBED(preview_style, "src/report/preview.css");
EMBED(preview_script, "src/report/preview.js");
extern const char preview_style[], preview_script[];

/** Where page.js begins to run: preview.js goes before it, since it adds to functions of page.js. */
#define SCRIPT_RUNS "\n    start();\n"

void html_put_style(bool previews, struct buf *out)
{
    buf_puts(out, html_style);
    if (previews)
        buf_puts(out, preview_style);
}

void html_put_script(bool previews, struct buf *out)
{
    const char *runs = strstr(html_script, SCRIPT_RUNS);
    if (!previews || !runs) {
        buf_puts(out, html_script);
        return;
    }
    buf_put(out, html_script, (size_t)(runs + 1 - html_script));
    buf_puts(out, preview_script);
    buf_puts(out, runs);
}

/** 'sha256-...' of an element's text, as the policy names it. */
static void write_hash(struct buf *out, void (*put)(bool previews, struct buf *out), bool previews)
{
    struct buf text = {0};
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned char base64[48];
    put(previews, &text);
    if (EVP_Digest(text.data, text.len, digest, NULL, openssl_sha256(), NULL) != 1)
        mem_missing();
    buf_free(&text);
    EVP_EncodeBlock(base64, digest, 32);
    buf_printf(out, "'sha256-%s'", (const char *)base64);
}

void html_policy(bool previews, struct buf *out)
{
    buf_puts(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
    write_hash(out, html_put_style, previews);
    buf_puts(out, "; script-src ");
    write_hash(out, html_put_script, previews);
    if (previews)
        buf_puts(out, "; img-src data:");
    buf_puts(out, "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'\">\n");
}
