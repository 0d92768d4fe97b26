/* base64.h: one letter of base64. */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include <stdint.h>

/** Its six bits; -1 for what is no letter of it. */
static inline int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

#endif
