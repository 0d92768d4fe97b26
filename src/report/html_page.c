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

/** 'sha256-...' of an element's text, as the policy names it. */
static void write_hash(struct buf *out, const char *text)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned char base64[48];
    if (EVP_Digest(text, strlen(text), digest, NULL, openssl_sha256(), NULL) != 1)
        mem_missing();
    EVP_EncodeBlock(base64, digest, 32);
    buf_printf(out, "'sha256-%s'", (const char *)base64);
}

void html_policy(struct buf *out)
{
    buf_puts(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
    write_hash(out, html_style);
    buf_puts(out, "; script-src ");
    write_hash(out, html_script);
    buf_puts(out, "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'\">\n");
}
